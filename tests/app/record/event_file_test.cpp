#include "app/record/event_file.hpp"

#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace descent {
namespace {

std::string hexadecimal(std::string_view bytes) {
  std::string text;
  for (const unsigned char c : bytes) {
    constexpr const char* kDigits = "0123456789abcdef";
    text += kDigits[c >> 4];
    text += kDigits[c & 15];
  }
  return text;
}

std::string from_hexadecimal(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  return bytes;
}

TEST(EventFile, KnowsTheChecksumsOfTheStandard) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);            // the check value of CRC-32C
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAu);  // RFC 3720, B.4
  EXPECT_EQ(masked_crc32c(""), 0xA282EAD8u);
  EXPECT_EQ(masked_crc32c("123456789"), 0xC78AB0E5u);
}

// Records that TensorBoard itself reads.
TEST(EventFile, FramesRecordsAsTensorBoardDoes) {
  const std::string first = "0900000040fc54d9411a0d627261696e2e4576656e743a3252090a0764657363656e74";
  EXPECT_EQ(hexadecimal(event_record(from_hexadecimal(first))), "2300000000000000b09f7743" + first + "ccf90f1f");
  const std::string scalar = "0900000040fc54d94110002a130a110a0a747261696e2f6c6f7373150000803f";
  EXPECT_EQ(hexadecimal(event_record(from_hexadecimal(scalar))), "200000000000000029eda950" + scalar + "d2e60ab7");
}

TEST(EventFile, TakesASecondOfTenDigitsWhateverIsInTheFolder) {
  const test::TemporaryFolder folder;
  folder.write("events.out.tfevents.9223372036854775806.somebody", "");
  { const EventFile file(folder.path(), 0); }
  std::size_t files = 0, short_ones = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    ++files;
    const std::string name = entry.path().filename().string();
    short_ones += name.size() > 30 && name[30] == '.' ? 1 : 0;
  }
  EXPECT_EQ(files, 2u);
  EXPECT_EQ(short_ones, 1u);
}

}  // namespace
}  // namespace descent
