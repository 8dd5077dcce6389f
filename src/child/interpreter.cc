// SPDX-License-Identifier: Apache-2.0
// Who interprets a file; see interpreter.h. One read: this is on the way of every start.
// Runs in: child.
#include "child/interpreter.h"

#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstring>
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

// A file of which the head has been read. What lies further on is read when it is asked for: where the linker
// puts things is not where an attacker does.
struct Opened {
  int fd;
  std::string_view head;

  // `size` bytes from `offset` on; false where the file does not have them.
  bool copy(std::uint64_t offset, void* to, std::size_t size) const {
    if (offset <= head.size() && head.size() - offset >= size) {
      std::memcpy(to, head.data() + offset, size);
      return true;
    }
    return offset <= INT64_MAX &&
           ::pread(fd, to, size, static_cast<off_t>(offset)) == static_cast<ssize_t>(size);
  }
};

template <typename Header, typename Segment>
std::string elf_interpreter(const Opened& file) {
  Header elf;
  if (!file.copy(0, &elf, sizeof elf) || elf.e_phentsize != sizeof(Segment)) return {};
  for (std::uint64_t i = 0; i < elf.e_phnum; ++i) {
    Segment segment;
    if (!file.copy(elf.e_phoff + i * sizeof segment, &segment, sizeof segment)) return {};
    if (segment.p_type != PT_INTERP) continue;
    if (segment.p_filesz > PATH_MAX) return {};
    std::string name(segment.p_filesz, '\0');
    if (!file.copy(segment.p_offset, name.data(), name.size())) return {};
    return name.substr(0, name.find('\0'));
  }
  return {};
}

// Which of the two formats the kernel reads it as: it goes by the machine, and looks at the class nowhere
// (elf_check_arch() in fs/binfmt_elf.c).
bool is_wide(std::string_view head) {
  std::uint16_t machine = EM_NONE;
  constexpr std::size_t kAt = offsetof(Elf64_Ehdr, e_machine);  // the same in both
  if (head.size() >= kAt + sizeof machine) std::memcpy(&machine, head.data() + kAt, sizeof machine);
  if (machine == EM_X86_64 || machine == EM_AARCH64) return true;
  if (machine == EM_386 || machine == EM_ARM) return false;
  return head[EI_CLASS] == ELFCLASS64;
}

}  // namespace

Result<std::string> interpreter_of(const std::string& path) {
  Result<sys::UniqueFd> fd = sys::open_file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!fd) {
    // An exec right after may succeed all the same.
    if (sys::is_shortage(fd.error().code())) return fd.error();
    return std::string();
  }
  std::array<char, kHead> bytes;
  const ssize_t size = ::read(fd->get(), bytes.data(), bytes.size());
  if (size < 0 && sys::is_shortage(errno)) return sys::failure(cat("read ", path));
  const std::string_view head(bytes.data(), size < 0 ? 0 : static_cast<std::size_t>(size));
  // Before any question of size: five bytes are a script.
  if (head.starts_with("#!")) return after_shebang(head.substr(2));
  if (!head.starts_with(ELFMAG) || head.size() < EI_NIDENT) return std::string();
  const Opened file{.fd = fd->get(), .head = head};
  return is_wide(head) ? elf_interpreter<Elf64_Ehdr, Elf64_Phdr>(file)
                       : elf_interpreter<Elf32_Ehdr, Elf32_Phdr>(file);
}

}  // namespace kelp::child
