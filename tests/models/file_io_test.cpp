#include "models/file_io.hpp"

#include "framework/error.hpp"
#include "tests/support/program.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <thread>

namespace {

// How often folders refuse to be synced, and why.
struct {
  int reason = 0, times = 0, asked = 0;
} folder_sync;

}  // namespace

// In place of the system's.
extern "C" int fsync(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) == 0 && S_ISDIR(status.st_mode) && folder_sync.asked++ < folder_sync.times) {
    errno = folder_sync.reason;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_fsync, fd));
}

// In place of the system's, which it is unless links are refused.
int link_refusal = 0;
extern "C" int link(const char* from, const char* to) noexcept {
  if (link_refusal == 0) return ::linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
  errno = link_refusal;
  return -1;
}

namespace descent {
namespace {

namespace fs = std::filesystem;

class FileIo : public ::testing::Test {
 protected:
  std::string at(const std::string& name) const { return folder_.file(name); }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_.file("")), fs::directory_iterator()));
  }
  template <class Call>
  static std::string refusal(Call call) {
    try {
      call();
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::runtime);
      return error.what();
    }
    return "nothing was refused";
  }
  test::TemporaryFolder folder_;
};

TEST_F(FileIo, ReadsWhatWasWrittenToTheByte) {
  std::string contents = std::string("a\0\r\n\xFF", 5) + std::string(300'000, 'x');
  write_file_atomically(at("file"), contents);
  EXPECT_EQ(read_file(at("file")), contents);
  write_file_atomically(at("file"), "shorter");
  EXPECT_EQ(read_file(at("file")), "shorter");
  write_file_atomically(at("file"), "");
  EXPECT_EQ(read_file(at("file")), "");
  EXPECT_EQ(files(), 1u) << "no temporary file is left";
}

TEST_F(FileIo, WritesIntoTheCurrentFolder) {
  const fs::path before = fs::current_path();
  fs::current_path(folder_.file(""));
  write_file_atomically("bare-name", "x");
  fs::current_path(before);
  EXPECT_EQ(read_file(at("bare-name")), "x");
}

TEST_F(FileIo, NamesWhatCannotBeRead) {
  EXPECT_EQ(refusal([&] { read_file(at("none")); }), "cannot open '" + at("none") + "': No such file or directory");
  EXPECT_EQ(refusal([&] { read_file(folder_.path()); }), "cannot read '" + folder_.path() + "': Is a directory");
  const std::string with_nul("model\0evil", 10);
  EXPECT_EQ(refusal([&] { read_file(with_nul); }), "cannot open 'model\\x00evil': Invalid argument");
}

TEST_F(FileIo, RefusesAFileLargerThanTheMemoryBeforeMakingRoom) {
  write_file_atomically(at("sparse"), "x");
  ASSERT_EQ(::truncate(at("sparse").c_str(), off_t{1} << 42), 0);
  EXPECT_EQ(refusal([&] { read_file(at("sparse")); }), "cannot read '" + at("sparse") + "': Cannot allocate memory");
}

TEST_F(FileIo, NamesAFolderThatIsNotThere) {
  EXPECT_EQ(refusal([&] { write_file_atomically(at("none/file"), "x"); }),
            "cannot create '" + at("none/file") + "': No such file or directory");
}

TEST_F(FileIo, NamesAFolderThatCannotBeWrittenTo) {
  const std::string message = refusal([] { write_file_atomically("/proc/descent-test", "x"); });
  EXPECT_TRUE(message.starts_with("cannot create '/proc/descent-test': ")) << message;
  if (::geteuid() == 0) return;  // the superuser may write anywhere else
  fs::create_directory(at("locked"));
  fs::permissions(at("locked"), fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_TRUE(refusal([&] { write_file_atomically(at("locked/file"), "x"); }).ends_with("': Permission denied"));
}

TEST_F(FileIo, LeavesAFolderInTheWayAlone) {
  fs::create_directory(at("folder"));
  write_file_atomically(at("folder/kept"), "kept");
  EXPECT_EQ(refusal([&] { write_file_atomically(at("folder"), "x"); }),
            "cannot write '" + at("folder") + "': Is a directory");
  EXPECT_EQ(read_file(at("folder/kept")), "kept");
  EXPECT_EQ(files(), 1u) << "no temporary file is left";
}

// Files may grow to `bytes` as long as this lives; a longer write fails instead of killing the process.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit before_{};
};

TEST_F(FileIo, KeepsTheOldFileWhenTheNewOneDoesNotFit) {
  write_file_atomically(at("file"), "old");
  {
    const FileSizeLimit limit(4096);  // the first write is cut short, the second refused
    EXPECT_EQ(refusal([&] { write_file_atomically(at("file"), std::string(10'000, 'n')); }),
              "cannot write '" + at("file") + "': File too large");
  }
  EXPECT_EQ(read_file(at("file")), "old");
  EXPECT_EQ(files(), 1u) << "no temporary file is left";
}

TEST_F(FileIo, WritesIntoAPipeInsteadOfPuttingAFileInItsPlace) {
  ASSERT_EQ(::mkfifo(at("pipe").c_str(), 0600), 0);
  std::string got;
  std::thread reader([&] { got = read_file(at("pipe")); });
  write_file_atomically(at("pipe"), "through");
  reader.join();
  EXPECT_EQ(got, "through");
  EXPECT_TRUE(fs::is_fifo(at("pipe")));
}

TEST_F(FileIo, LeavesADeviceADeviceAndSaysWhenItIsFull) {
  fs::create_symlink("/dev/full", at("full"));  // a link, so that a mistake harms nothing
  EXPECT_EQ(refusal([&] { write_file_atomically(at("full"), "x"); }),
            "cannot write '" + at("full") + "': No space left on device");
  EXPECT_TRUE(fs::is_symlink(at("full")));
  EXPECT_EQ(files(), 1u) << "no temporary file is left";
}

TEST_F(FileIo, DoesNotWriteThroughALinkPlantedForTheTemporaryFile) {
  write_file_atomically(at("victim"), "untouched");
  fs::create_symlink(at("victim"), at("file") + ".tmp-" + std::to_string(::getpid()));
  write_file_atomically(at("file"), "new");
  EXPECT_EQ(read_file(at("victim")), "untouched");
  EXPECT_EQ(read_file(at("file")), "new");
  EXPECT_FALSE(fs::is_symlink(at("file")));
}

TEST_F(FileIo, DoesNotCutAPathAtANul) {
  const std::string path = at("file") + std::string("\0evil", 5);
  EXPECT_TRUE(refusal([&] { write_file_atomically(path, "x"); }).ends_with("': Invalid argument"));
  EXPECT_EQ(files(), 0u);
}

TEST_F(FileIo, SavesWhereFoldersCannotBeSynced) {
  for (const int reason : {EINVAL, ENOTSUP, ENOSYS}) {
    folder_sync = {.reason = reason, .times = 1000};
    write_file_atomically(at("file"), std::strerror(reason));
    EXPECT_EQ(read_file(at("file")), std::strerror(reason));
    replace_file_keeping(at("previous"), at("file"), "next");
    EXPECT_EQ(read_file(at("previous")), std::strerror(reason));
    EXPECT_EQ(folder_sync.asked, 2);
  }
  folder_sync = {};
}

TEST_F(FileIo, AFailureToSyncTheFolderIsToldWhereItIsOne) {
  for (const int reason : {EIO, ENOSPC, EDQUOT, EROFS}) {
    folder_sync = {.reason = reason, .times = 1000};
    EXPECT_EQ(refusal([&] { write_file_atomically(at("file"), "x"); }),
              "cannot sync '" + folder_.path() + "': " + std::strerror(reason));
  }
  folder_sync = {.reason = EINTR, .times = 2};
  write_file_atomically(at("file"), "x");
  EXPECT_EQ(folder_sync.asked, 3) << "a signal is no failure";
  folder_sync = {};
}

TEST_F(FileIo, KeepsThePreviousFileWhereLinksAreUnknown) {
  for (const int reason : {EPERM, ENOTSUP, ENOSYS}) {
    write_file_atomically(at("file"), "old");
    link_refusal = reason;
    replace_file_keeping(at("previous"), at("file"), "new");
    link_refusal = 0;
    EXPECT_EQ(read_file(at("file")), "new");
    EXPECT_EQ(read_file(at("previous")), "old");
  }
  link_refusal = EIO;
  EXPECT_EQ(refusal([&] { replace_file_keeping(at("previous"), at("file"), "newer"); }),
            "cannot keep '" + at("file") + "': Input/output error");
  link_refusal = 0;
  EXPECT_EQ(read_file(at("file")), "new");
  EXPECT_EQ(files(), 1u) << "no temporary file is left";
}

TEST_F(FileIo, SavesIntoAFolderThatCannotBeRead) {
  if (::geteuid() == 0) GTEST_SKIP() << "the superuser may read any folder";
  fs::create_directory(at("drop"));
  fs::permissions(at("drop"), fs::perms::owner_write | fs::perms::owner_exec);
  write_file_atomically(at("drop/file"), "x");
  EXPECT_EQ(read_file(at("drop/file")), "x");
  fs::permissions(at("drop"), fs::perms::owner_all);
}

}  // namespace
}  // namespace descent
