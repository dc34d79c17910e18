#include "datasets/text_source.hpp"

#include "framework/error.hpp"
#include "framework/text.hpp"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>

namespace descent {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 18;
constexpr std::string_view kGzipMagic = "\x1f\x8b";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Looks at text as it arrives, so that what cannot be right is refused before it is all read.
class LineWatch {
 public:
  explicit LineWatch(const std::string& source) : source_(source) {}

  void feed(std::string_view chunk) {
    if (const std::size_t nul = chunk.find('\0'); nul != chunk.npos) {
      measure(chunk.substr(0, nul));
      throw Error(Fault::data, "{}: a NUL byte, so this is not UTF-8 text; export the data as CSV in UTF-8",
                  to_string({source_, line_, length_ + 1}));
    }
    measure(chunk);
    unsigned char any = 0;
    for (const char c : chunk) any |= static_cast<unsigned char>(c);
    ascii_ = ascii_ && any < 0x80;
  }

  bool ascii() const { return ascii_; }

 private:
  void measure(std::string_view text) {
    for (;;) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      length_ += end;
      if (length_ > kLongestLine)
        throw Error(Fault::data, "{}: the line is longer than 16 MiB; is this a text file with one record a line?",
                    to_string({source_, line_, kLongestLine + 1}));
      if (end == text.size()) return;
      ++line_;
      length_ = 0;
      text.remove_prefix(end + 1);
    }
  }

  const std::string& source_;
  std::size_t line_ = 1;
  std::size_t length_ = 0;  // of the current line so far, bytes
  bool ascii_ = true;
};

// Formats that people hand over in place of text, known by their first bytes.
void refuse_other_formats(std::string_view start, const std::string& source) {
  if (start.starts_with("\xFF\xFE") || start.starts_with("\xFE\xFF"))
    throw Error(Fault::data,
                "{}: UTF-16 text; save it as UTF-8 (in a spreadsheet \"CSV UTF-8\"), or convert it: "
                "iconv -f UTF-16 -t UTF-8",
                source);
  if (start.starts_with("PK\x03\x04"))
    throw Error(Fault::data, "{}: a spreadsheet (.xlsx, .ods) or zip file; export the sheet as CSV in UTF-8", source);
  if (start.starts_with("PAR1\x15"))  // 15: the first field of the first page
    throw Error(Fault::data,
                "{}: a Parquet file; convert it: python3 -c \"import pandas, sys; "
                "pandas.read_parquet(sys.argv[1]).to_csv(sys.argv[2], index=False)\" in.parquet out.csv",
                source);
}

void require_utf8(std::string_view text, const std::string& source) {
  const std::size_t at = find_invalid_utf8(text);
  if (at == text.npos) return;
  const std::string_view before = text.substr(0, at);
  const std::size_t line = 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t column = at - (before.rfind('\n') + 1) + 1;  // npos + 1 is 0
  throw Error(Fault::data,
              "{}: byte 0x{:02X} is not valid UTF-8; save the file as UTF-8, or convert it: "
              "iconv -f WINDOWS-1252 -t UTF-8",
              to_string({source, line, column}), static_cast<unsigned char>(text[at]));
}

class File {
 public:
  File(const std::string& path, const std::string& source) : source_(source) {
    if (path.find('\0') != path.npos) throw Error(Fault::usage, "'{}' is not a file name", printable(path));
    file_ = path == "-" ? stdin : std::fopen(path.c_str(), "rb");
    if (!file_) throw Error(Fault::data, "cannot open '{}': {}", source_, std::strerror(errno));
  }
  ~File() {
    if (file_ != stdin) std::fclose(file_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  // Bytes read, 0 at the end only.
  std::size_t read(char* to, std::size_t most) {
    const std::size_t got = std::fread(to, 1, most, file_);
    if (got == 0 && std::ferror(file_))
      throw Error(Fault::runtime, "cannot read '{}': {}", source_, std::strerror(errno));
    return got;
  }

 private:
  const std::string& source_;
  std::FILE* file_;
};

// Gzip (RFC 1952): members one after the other, then perhaps zero padding.
class Inflater {
 public:
  explicit Inflater(const std::string& source) : source_(source) {
    constexpr int kGzipOnly = 15 + 16;
    if (inflateInit2(&stream_, kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Appends what `compressed` holds to `text`, a chunk at a time under the eyes of `watch`.
  template <class Accept>
  void feed(std::string_view compressed, const Accept& accept) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
    stream_.avail_in = static_cast<uInt>(compressed.size());
    do {
      if (between_members_ && !next_member()) return;
      stream_.next_out = reinterpret_cast<Bytef*>(buffer_.get());
      stream_.avail_out = kChunk;
      const int code = inflate(&stream_, Z_NO_FLUSH);
      accept(std::string_view(buffer_.get(), kChunk - stream_.avail_out));
      if (code == Z_MEM_ERROR) throw std::bad_alloc();
      if (code == Z_STREAM_END)
        between_members_ = true;
      else if (code != Z_OK && code != Z_BUF_ERROR)
        throw Error(Fault::data, "{}: the gzip data is corrupt ({}); get the file again", source_,
                    stream_.msg ? stream_.msg : "bad header");
    } while (stream_.avail_in > 0 || stream_.avail_out == 0);
  }

  void finish() const {
    if (!between_members_) throw Error(Fault::data, "{}: the gzip data ends too early; get the file again", source_);
  }

 private:
  bool next_member() {
    while (stream_.avail_in > 0 && *stream_.next_in == 0) {
      ++stream_.next_in;
      --stream_.avail_in;
    }
    if (stream_.avail_in == 0) return false;
    inflateReset(&stream_);
    between_members_ = false;
    return true;
  }

  const std::string& source_;
  z_stream stream_{};
  std::unique_ptr<char[]> buffer_ = std::make_unique<char[]>(kChunk);
  bool between_members_ = false;
};

std::string read_all(File& file, const std::string& source) {
  std::string text;
  LineWatch watch(source);
  const auto accept = [&](std::string_view piece) {
    if (text.empty()) refuse_other_formats(piece, source);
    watch.feed(piece);
    text += piece;
  };
  const auto buffer = std::make_unique<char[]>(kChunk);
  std::unique_ptr<Inflater> inflater;
  for (bool first = true;; first = false) {
    const std::size_t got = file.read(buffer.get(), kChunk);
    if (got == 0) break;
    const std::string_view piece(buffer.get(), got);
    if (first && piece.starts_with(kGzipMagic)) inflater = std::make_unique<Inflater>(source);
    if (inflater)
      inflater->feed(piece, accept);
    else
      accept(piece);
  }
  if (inflater) inflater->finish();
  if (!watch.ascii()) require_utf8(text, source);
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  return text;
}

}  // namespace

TextSource read_text(const std::string& path) {
  TextSource result{path == "-" ? "<stdin>" : path, {}};
  File file(path, result.source);
  result.text = read_all(file, result.source);
  return result;
}

std::string_view check_text(std::string_view text, const std::string& source) {
  refuse_other_formats(text, source);
  LineWatch watch(source);
  watch.feed(text);
  if (!watch.ascii()) require_utf8(text, source);
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return text;
}

}  // namespace descent
