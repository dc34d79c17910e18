#include "app/record/event_file.hpp"

#include "app/record/tensorboard.pb.h"
#include "framework/error.hpp"
#include "framework/text.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <filesystem>

namespace descent {
namespace {

constexpr std::string_view kStem = "events.out.tfevents.";

constexpr std::array<std::uint32_t, 256> kCrcTable = [] {
  constexpr std::uint32_t kCastagnoli = 0x82F63B78;  // the polynomial, reflected
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? kCastagnoli : 0);
    table[byte] = crc;
  }
  return table;
}();

double now() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

template <class Word>
void put(std::string& bytes, Word word) {
  for (std::size_t i = 0; i < sizeof word; ++i) bytes += static_cast<char>(word >> (8 * i) & 0xFF);
}

// The second in the name: that of the clock, or one behind the latest of ten digits that is there.
std::int64_t second_for_name(const std::string& folder) {
  constexpr std::int64_t kLatest = 9'999'999'999;
  std::int64_t second = static_cast<std::int64_t>(now());
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    std::int64_t other = 0;
    if (name.starts_with(kStem)) {
      std::from_chars(name.data() + kStem.size(), name.data() + name.size(), other);
      if (other < kLatest) second = std::max(second, other + 1);
    }
  }
  return second;
}

std::string new_path(const std::string& folder) {
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure)
    throw Error(Fault::runtime, "cannot make the folder '{}': {}", printable(folder, 400), failure.message());
  char host[256] = "localhost";
  ::gethostname(host, sizeof host - 1);
  const std::string name = fmt::format("{}{:010}.{}.{}.0", kStem, second_for_name(folder), host, ::getpid());
  return (std::filesystem::path(folder) / name).string();
}

std::string serialized(tb::Event& event) {
  event.set_wall_time(now());
  return event.SerializeAsString();
}

// A summary without numbers, for a plug-in.
std::string plugin_event(const char* tag, const char* plugin, const tb::HParams& content) {
  tb::Event event;
  tb::Summary::Value* value = event.mutable_summary()->add_value();
  value->set_tag(tag);
  value->mutable_tensor()->set_dtype(1);
  value->mutable_tensor()->mutable_tensor_shape()->add_dim()->set_size(0);
  auto* data = value->mutable_metadata()->mutable_plugin_data();
  data->set_plugin_name(plugin);
  data->set_content(content.SerializeAsString());
  return serialized(event);
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char c : bytes) crc = crc >> 8 ^ kCrcTable[(crc ^ static_cast<unsigned char>(c)) & 0xFF];
  return ~crc;
}

std::uint32_t masked_crc32c(std::string_view bytes) {
  const std::uint32_t crc = crc32c(bytes);
  return (crc >> 15 | crc << 17) + 0xA282EAD8;
}

std::string event_record(std::string_view message) {
  std::string record;
  put(record, static_cast<std::uint64_t>(message.size()));
  put(record, masked_crc32c(record));
  record += message;
  put(record, masked_crc32c(message));
  return record;
}

EventFile::EventFile(const std::string& folder, std::int64_t void_from)
    : file_(new_path(folder), AppendFile::Open::create) {
  tb::Event first;
  first.set_file_version("brain.Event:2");
  first.mutable_source_metadata()->set_writer("descent");
  file_.add(event_record(serialized(first)));
  if (void_from <= 0) return;
  tb::Event start;
  start.set_step(void_from);
  start.mutable_session_log()->set_status(1);
  file_.add(event_record(serialized(start)));
}

void EventFile::scalars(std::int64_t step, std::span<const std::pair<std::string, double>> values) {
  tb::Event event;
  event.set_step(step);
  for (const auto& [tag, number] : values) {
    tb::Summary::Value* value = event.mutable_summary()->add_value();
    value->set_tag(tag);
    value->set_simple_value(static_cast<float>(number));
  }
  file_.add(event_record(serialized(event)));
}

void EventFile::hyper_parameters(const std::map<std::string, HyperParameter>& settings) {
  tb::HParams content;
  tb::HParams::Start* start = content.mutable_session_start_info();
  start->set_start_time_secs(now());
  for (const auto& [name, setting] : settings) {
    tb::HParams::Value& value = (*start->mutable_hparams())[name];
    if (const double* number = std::get_if<double>(&setting))
      value.set_number_value(*number);
    else if (const bool* truth = std::get_if<bool>(&setting))
      value.set_bool_value(*truth);
    else
      value.set_string_value(std::get<std::string>(setting));
  }
  file_.add(event_record(plugin_event("_hparams_/session_start_info", "hparams", content)));
}

void EventFile::end(bool success) {
  tb::HParams content;
  content.mutable_session_end_info()->set_status(success ? 1 : 2);
  content.mutable_session_end_info()->set_end_time_secs(now());
  file_.add(event_record(plugin_event("_hparams_/session_end_info", "hparams", content)));
}

}  // namespace descent
