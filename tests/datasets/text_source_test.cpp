#include "datasets/text_source.hpp"

#include "datasets/csv.hpp"
#include "tests/datasets/data_checks.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include <chrono>
#include <cstdio>
#include <random>

namespace descent {
namespace {

using testing::error_of;
using testing::Folder;

std::string gzipped(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

// Numbers that do not compress away, about 1.9 MB.
std::string long_table() {
  std::mt19937 random(7);
  std::string text = "x,y\n";
  for (int i = 0; i < 90'000; ++i) text += std::to_string(random()) + "," + std::to_string(random()) + "\n";
  return text;
}

std::string data_error(const std::string& bytes) {
  Folder folder;
  const std::string path = folder.write("t.csv", bytes);
  std::string message = error_of(Fault::data, [&] { read_csv(path); });
  EXPECT_TRUE(message.starts_with(path)) << message;
  return message.substr(std::min(path.size(), message.size()));
}

TEST(TextSource, ReadsAPlainFile) {
  Folder folder;
  const std::string text = long_table();
  const Table table = read_csv(folder.write("long.csv", text));
  EXPECT_EQ(table.rows(), 90'000u);
  EXPECT_EQ(read_text(folder.path("long.csv")).text, text);
}

TEST(TextSource, KnowsGzipByItsContent) {
  Folder folder;
  const std::string text = long_table();
  EXPECT_EQ(read_text(folder.write("named_otherwise.csv", gzipped(text))).text, text);
}

TEST(TextSource, ReadsGzipMembersOneAfterTheOther) {
  Folder folder;
  const std::string packed = gzipped("a,b\n1,2\n") + gzipped("") + gzipped("3,4\n") + std::string(512, '\0');
  EXPECT_EQ(read_text(folder.write("two.gz", packed)).text, "a,b\n1,2\n3,4\n");
}

TEST(TextSource, RefusesTruncatedGzipWhereverItEnds) {
  const std::string packed = gzipped("a,b\n1,2\n3,4\n");
  for (std::size_t kept = 2; kept < packed.size(); ++kept)
    EXPECT_EQ(data_error(packed.substr(0, kept)), ": the gzip data ends too early; get the file again") << kept;
}

TEST(TextSource, RefusesCorruptGzip) {
  const std::string packed = gzipped("a,b\n1,2\n3,4\n");
  std::string wrong_sum = packed;
  wrong_sum[wrong_sum.size() - 8] ^= 1;
  EXPECT_EQ(data_error(wrong_sum), ": the gzip data is corrupt (incorrect data check); get the file again");
  EXPECT_EQ(data_error(packed + "rest"), ": the gzip data is corrupt (incorrect header check); get the file again");
  std::string wrong_method = packed;
  wrong_method[2] = 9;
  EXPECT_EQ(data_error(wrong_method), ": the gzip data is corrupt (unknown compression method); get the file again");
}

TEST(TextSource, RefusesBytesThatAreNotUtf8) {
  EXPECT_EQ(data_error("name,n\nRen\xC3\xA9,1\nJos\xE9,2\n"),
            ":3:4: byte 0xE9 is not valid UTF-8; save the file as UTF-8, or convert it: iconv -f WINDOWS-1252 -t "
            "UTF-8");
  EXPECT_EQ(data_error("\xC3"),
            ":1:1: byte 0xC3 is not valid UTF-8; save the file as UTF-8, or convert it: iconv -f WINDOWS-1252 -t "
            "UTF-8");
}

TEST(TextSource, RefusesANulByte) {
  EXPECT_EQ(data_error(std::string("a,b\n1,\0002\n", 9)),
            ":2:3: a NUL byte, so this is not UTF-8 text; export the data as CSV in UTF-8");
}

TEST(TextSource, RefusesUtf16) {
  const std::string message =
      ": UTF-16 text; save it as UTF-8 (in a spreadsheet \"CSV UTF-8\"), or convert it: iconv -f UTF-16 -t UTF-8";
  EXPECT_EQ(data_error(std::string("\xFF\xFE"
                                   "a\0,\0b\0",
                                   8)),
            message);
  EXPECT_EQ(data_error(std::string("\xFE\xFF"
                                   "\0a\0,\0b",
                                   8)),
            message);
  EXPECT_EQ(data_error(gzipped(std::string("\xFF\xFE"
                                           "a\0",
                                           4))),
            message);
}

TEST(TextSource, RefusesSpreadsheetsAndParquet) {
  EXPECT_EQ(data_error("PK\x03\x04..."), ": a spreadsheet (.xlsx, .ods) or zip file; export the sheet as CSV in UTF-8");
  EXPECT_EQ(data_error("PAR1\x15...").substr(0, 32), ": a Parquet file; convert it: py");
}

TEST(TextSource, TakesAColumnNamedLikeAFormat) { EXPECT_EQ(parse_csv("PAR1,PK\n1,2\n", "t.csv").rows(), 1u); }

TEST(TextSource, RefusesALineOfAGigabyteAtOnce) {
  Folder folder;
  const std::string path = folder.path("endless");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  // A writer that would go on for a gigabyte; it is cut off when the reader gives up.
  const pid_t writer = ::fork();
  if (writer == 0) {
    std::FILE* const pipe_end = std::fopen(path.c_str(), "wb");
    const std::string megabyte(std::size_t{1} << 20, '1');
    std::fputs("a,b\n1,2\n", pipe_end);
    for (int i = 0; i < 1024; ++i) std::fwrite(megabyte.data(), 1, megabyte.size(), pipe_end);
    ::_exit(0);
  }
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(error_of(Fault::data, [&] { read_csv(path); }),
            path + ":3:16777217: the line is longer than 16 MiB; is this a text file with one record a line?");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
  ::waitpid(writer, nullptr, 0);
}

TEST(TextSource, TakesALineOfExactlyTheLongestLength) {
  std::string text = "t\n" + std::string(kLongestLine, 'x') + "\n";
  EXPECT_EQ(parse_csv(text, "t.csv").rows(), 1u);
  text.insert(2, "x");
  EXPECT_EQ(error_of(Fault::data, [&] { parse_csv(text, "t.csv"); }),
            "t.csv:2:16777217: the line is longer than 16 MiB; is this a text file with one record a line?");
}

TEST(TextSource, SaysWhyAFileCannotBeRead) {
  Folder folder;
  EXPECT_EQ(error_of(Fault::data, [&] { read_csv("/nowhere/x.csv"); }),
            "cannot open '/nowhere/x.csv': No such file or directory");
  EXPECT_EQ(error_of(Fault::runtime, [&] { read_csv(folder.path("")); }),
            "cannot read '" + folder.path("") + "': Is a directory");
  EXPECT_EQ(error_of(Fault::usage, [&] { read_csv(std::string("a\0b", 3)); }), "'a\\x00b' is not a file name");
}

TEST(TextSource, ReadsStandardInput) {
  Folder folder;
  const std::string path = folder.write("in.csv", "a,b\n1,2\nx,3\n4,5\n");
  const int saved = ::dup(0);
  ASSERT_NE(std::freopen(path.c_str(), "rb", stdin), nullptr);
  const std::string message = error_of(Fault::data, [] { read_csv("-"); });
  ::dup2(saved, 0);
  ::close(saved);
  std::clearerr(stdin);
  EXPECT_EQ(message,
            "<stdin>:3:1: 'x' in column 'a' is not a number (2 of 3 cells are); correct it, or list the column in "
            "data.categorical or data.ignore");
}

}  // namespace
}  // namespace descent
