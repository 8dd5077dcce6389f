// SPDX-License-Identifier: Apache-2.0
// Who interprets a file; see interpreter.h. One read: this is on the way of every start.
// Runs in: child.
#include "child/interpreter.h"

#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::child {
namespace {

constexpr std::size_t kHead = 4096;

std::string after_shebang(std::string_view text) {
  const std::string_view line = trimmed(text.substr(0, text.find('\n')));
  return std::string(line.substr(0, line.find_first_of(" \t")));
}

// A copy of what lies at `offset`, where the head has all of it.
template <typename What>
std::optional<What> part_of(std::string_view head, std::uint64_t offset) {
  if (offset > head.size() || head.size() - offset < sizeof(What)) return std::nullopt;
  What what;
  std::memcpy(&what, head.data() + offset, sizeof what);
  return what;
}

template <typename Header, typename Segment>
std::string elf_interpreter(std::string_view head) {
  const auto elf = part_of<Header>(head, 0);
  if (!elf || elf->e_phentsize != sizeof(Segment)) return {};
  for (std::uint64_t i = 0; i < elf->e_phnum; ++i) {
    const auto segment = part_of<Segment>(head, elf->e_phoff + i * sizeof(Segment));
    if (!segment) return {};
    if (segment->p_type != PT_INTERP) continue;
    if (segment->p_offset > head.size() || head.size() - segment->p_offset < segment->p_filesz) return {};
    const std::string_view name = head.substr(segment->p_offset, segment->p_filesz);
    return std::string(name.substr(0, name.find('\0')));
  }
  return {};
}

}  // namespace

bool is_shortage(int code) { return code == EMFILE || code == ENFILE || code == ENOMEM || code == EIO; }

Result<std::string> interpreter_of(const std::string& path) {
  Result<sys::UniqueFd> fd = sys::open_file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!fd) {
    if (is_shortage(fd.error().code())) return fd.error();
    return std::string();
  }
  std::array<char, kHead> bytes;
  const ssize_t size = ::read(fd->get(), bytes.data(), bytes.size());
  if (size < 0 && is_shortage(errno)) return sys::failure(cat("read ", path));
  if (size < EI_NIDENT) return std::string();
  const std::string_view head(bytes.data(), static_cast<std::size_t>(size));
  if (head.starts_with("#!")) return after_shebang(head.substr(2));
  if (!head.starts_with(ELFMAG)) return std::string();
  return head[EI_CLASS] == ELFCLASS64 ? elf_interpreter<Elf64_Ehdr, Elf64_Phdr>(head)
                                      : elf_interpreter<Elf32_Ehdr, Elf32_Phdr>(head);
}

}  // namespace kelp::child
