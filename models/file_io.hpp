// Whole files, read and written so that nothing is lost.
#pragma once

#include <string>
#include <string_view>

namespace descent {

// Throws Error(runtime) with the reason of the operating system, or when the file exceeds the memory.
std::string read_file(const std::string& path);

// Writes `path`.tmp-<pid>, syncs it, renames it to `path` and syncs the folder, where its file system can: whoever
// opens `path`, even after a crash, sees all of the old or all of the new contents. The temporary file is removed when
// anything fails. What is no file but a device, a pipe or /dev/stdout is written into instead. Throws Error(runtime)
// with the reason of the operating system.
void write_file_atomically(const std::string& path, std::string_view contents);

// The same, and what `path` held until then is `previous` from then on. The new contents are read back and compared
// before they take its place.
void replace_file_keeping(const std::string& previous, const std::string& path, std::string_view contents);

// Removes what writers that were killed left behind beside `path`.
void remove_leftovers(const std::string& path);

}  // namespace descent
