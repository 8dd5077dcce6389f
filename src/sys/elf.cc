// SPDX-License-Identifier: Apache-2.0
// Reading ELF files of either class and byte order; see elf.h. Field offsets are those of the System V ABI,
// gABI chapters 4 and 5, so that a 32-bit or foreign file is read without a struct of its own.
// Runs in: parent.
#include "sys/elf.h"

#include <elf.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstddef>

#include "base/text.h"
#include "sys/failure.h"

namespace kelp::sys {
namespace {

// No real file comes near these; a hostile one costs no more than this.
constexpr std::size_t kMaxProgramHeaders = 65536;  // bytes, as the kernel's load_elf_phdrs
constexpr std::size_t kMaxDynamic = 1U << 20U;     // bytes
constexpr std::size_t kMaxNeeded = 4096;           // entries
constexpr std::size_t kMaxString = 1U << 16U;      // bytes: search paths of package managers can be long

struct Segment {
  std::uint32_t type = 0;
  std::uint64_t offset = 0;
  std::uint64_t address = 0;
  std::uint64_t size = 0;  // in the file
};

class Reader {
 public:
  Reader(int fd, std::string_view name) : fd_(fd), name_(name) {}

  Result<Elf> read() {
    if (Status header = read_header(); !header) return header.error();
    for (const Segment& segment : segments_) {
      if (segment.type == PT_INTERP && elf_.interpreter.empty()) {
        if (Status done = read_interpreter(segment); !done) return done.error();
      }
    }
    for (const Segment& segment : segments_) {
      if (segment.type != PT_DYNAMIC) continue;
      if (Status done = read_dynamic(segment); !done) return done.error();
      break;  // the loader, too, looks at one
    }
    return std::move(elf_);
  }

 private:
  Error bad(std::string_view what) const {
    return Error(cat("read ", name_), cat("it is not a valid ELF file: ", what));
  }

  // Exactly `size` bytes at `offset`; the callers bound the size.
  Result<std::string> bytes_at(std::uint64_t offset, std::size_t size, std::string_view what) const {
    if (offset > static_cast<std::uint64_t>(LLONG_MAX) - size) return bad(cat(what, " lies outside of it"));
    Result<std::string> bytes = some_bytes_at(offset, size);
    if (bytes && bytes->size() != size) return bad(cat("it ends before the end of ", what));
    return bytes;
  }

  // At most `size` bytes at `offset`, fewer where the file ends. The sum must be within LLONG_MAX.
  Result<std::string> some_bytes_at(std::uint64_t offset, std::size_t size) const {
    std::string bytes(size, '\0');
    std::size_t done = 0;
    while (done < size) {
      const ssize_t count = ::pread(fd_, bytes.data() + done, size - done, static_cast<off_t>(offset + done));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return failure(cat("read ", name_));
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
    bytes.resize(done);
    return bytes;
  }

  // The caller has checked that bytes holds at + size.
  std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t size) const {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t place = elf_.abi.is_big_endian ? i : size - 1 - i;
      value = value << 8U | static_cast<unsigned char>(bytes[at + place]);
    }
    return value;
  }
  std::uint16_t half(std::string_view bytes, std::size_t at) const {
    return static_cast<std::uint16_t>(number(bytes, at, 2));
  }
  std::uint32_t word(std::string_view bytes, std::size_t at) const {
    return static_cast<std::uint32_t>(number(bytes, at, 4));
  }
  // An address or offset: as wide as the class.
  std::uint64_t address(std::string_view bytes, std::size_t at) const {
    return number(bytes, at, elf_.abi.is_64 ? 8 : 4);
  }

  Status read_header() {
    Result<std::string> ident = bytes_at(0, EI_NIDENT, "its header");
    if (!ident) return ident.error();
    if (!ident->starts_with(ELFMAG)) return bad("it does not begin as one");
    const char byte_class = (*ident)[EI_CLASS];
    const char order = (*ident)[EI_DATA];
    if (byte_class != ELFCLASS32 && byte_class != ELFCLASS64) return bad("its class is unknown");
    if (order != ELFDATA2LSB && order != ELFDATA2MSB) return bad("its byte order is unknown");
    const bool is_64 = byte_class == ELFCLASS64;
    elf_.abi = {.is_64 = is_64, .is_big_endian = order == ELFDATA2MSB, .machine = 0};

    Result<std::string> header = bytes_at(0, is_64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr), "its header");
    if (!header) return header.error();
    const std::uint16_t type = half(*header, 16);
    elf_.abi.machine = half(*header, 18);
    elf_.is_loadable = type == ET_EXEC || type == ET_DYN;

    const std::uint64_t offset = address(*header, is_64 ? 32 : 28);
    const std::size_t entry_size = half(*header, is_64 ? 54 : 42);
    const std::size_t count = half(*header, is_64 ? 56 : 44);
    if (count == 0) return {};  // object files have none
    if (entry_size != (is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr))) {
      return bad("its program headers have an odd size");
    }
    if (count * entry_size > kMaxProgramHeaders) return bad("it has too many program headers");
    Result<std::string> table = bytes_at(offset, count * entry_size, "its program headers");
    if (!table) return table.error();
    for (std::size_t i = 0; i < count; ++i) {
      const std::string_view entry = std::string_view(*table).substr(i * entry_size, entry_size);
      segments_.push_back({.type = word(entry, 0),
                           .offset = address(entry, is_64 ? 8 : 4),
                           .address = address(entry, is_64 ? 16 : 8),
                           .size = address(entry, is_64 ? 32 : 16)});
    }
    return {};
  }

  Status read_interpreter(const Segment& segment) {
    if (segment.size < 2 || segment.size > PATH_MAX)
      return bad("the name of its interpreter has an odd length");
    Result<std::string> text = bytes_at(segment.offset, segment.size, "the name of its interpreter");
    if (!text) return text.error();
    if (text->back() != '\0') return bad("the name of its interpreter has no end");
    elf_.interpreter = text->substr(0, text->find('\0'));
    return {};
  }

  // Where an address of the loaded program lies in the file, and how many bytes of its segment follow.
  struct Extent {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
  };
  std::optional<Extent> in_file(std::uint64_t address) const {
    for (const Segment& segment : segments_) {
      if (segment.type != PT_LOAD || address < segment.address) continue;
      const std::uint64_t into = address - segment.address;
      if (into >= segment.size || segment.offset > UINT64_MAX - into) continue;
      return Extent{.offset = segment.offset + into, .size = segment.size - into};
    }
    return std::nullopt;
  }

  Status read_dynamic(const Segment& segment) {
    const std::size_t entry_size = elf_.abi.is_64 ? 16 : 8;
    // More than the bound is cut, not refused: the entries end at DT_NULL, long before.
    const std::size_t size = std::min<std::uint64_t>(segment.size, kMaxDynamic) / entry_size * entry_size;
    Result<std::string> table = bytes_at(segment.offset, size, "its dynamic section");
    if (!table) return table.error();

    std::vector<std::uint64_t> needed;
    std::optional<std::uint64_t> soname, rpath, runpath, strings;
    std::uint64_t strings_size = UINT64_MAX;
    for (std::size_t at = 0; at < table->size(); at += entry_size) {
      const std::uint64_t tag = address(*table, at);
      const std::uint64_t value = address(*table, at + entry_size / 2);
      if (tag == DT_NULL) break;
      if (tag == DT_NEEDED) needed.push_back(value);
      if (tag == DT_SONAME) soname = value;
      if (tag == DT_RPATH) rpath = value;
      if (tag == DT_RUNPATH) runpath = value;
      if (tag == DT_STRTAB) strings = value;
      if (tag == DT_STRSZ) strings_size = value;
      if (tag == DT_FLAGS_1) elf_.skips_default_places = (value & DF_1_NODEFLIB) != 0;
    }
    if (needed.size() > kMaxNeeded) return bad("it needs too many libraries");
    if (needed.empty() && !soname && !rpath && !runpath) return {};

    if (!strings) return bad("its dynamic section has no strings");
    std::optional<Extent> extent = in_file(*strings);
    if (!extent) return bad("the strings of its dynamic section are not in the file");
    extent->size = std::min(extent->size, strings_size);
    return read_names(*extent, needed, soname, rpath, runpath);
  }

  Status read_names(const Extent& strings, const std::vector<std::uint64_t>& needed,
                    std::optional<std::uint64_t> soname, std::optional<std::uint64_t> rpath,
                    std::optional<std::uint64_t> runpath) {
    for (const std::uint64_t at : needed) {
      Result<std::string> text = string_at(strings, at);
      if (!text) return text.error();
      if (text->empty()) return bad("it needs a library without a name");
      elf_.needed.push_back(std::move(*text));
    }
    if (soname) {
      Result<std::string> text = string_at(strings, *soname);
      if (!text) return text.error();
      elf_.soname = std::move(*text);
    }
    for (const auto& [at, to] : {std::pair(rpath, &elf_.rpath), std::pair(runpath, &elf_.runpath)}) {
      if (!at) continue;
      Result<std::string> text = string_at(strings, *at);
      if (!text) return text.error();
      *to = std::move(*text);
    }
    return {};
  }

  Result<std::string> string_at(const Extent& strings, std::uint64_t at) const {
    constexpr std::string_view kWhat = "a string of its dynamic section";
    constexpr std::uint64_t kLast = static_cast<std::uint64_t>(LLONG_MAX) - kMaxString;
    if (at >= strings.size || strings.offset > kLast || at > kLast - strings.offset) {
      return bad(cat(kWhat, " lies outside of it"));
    }
    const std::size_t most = std::min<std::uint64_t>(strings.size - at, kMaxString);
    // Names are short: most need one small read.
    for (std::size_t size = std::min<std::size_t>(most, 256);; size = std::min(most, size * 16)) {
      Result<std::string> text = some_bytes_at(strings.offset + at, size);
      if (!text) return text.error();
      const std::size_t end = text->find('\0');
      if (end != std::string::npos) return text->substr(0, end);
      if (text->size() < size || size == most) return bad(cat(kWhat, " has no end"));
    }
  }

  int fd_;
  std::string_view name_;
  Elf elf_;
  std::vector<Segment> segments_;
};

}  // namespace

Result<bool> begins_as_elf(int fd, std::string_view name) {
  char magic[SELFMAG] = {};
  for (;;) {
    const ssize_t count = ::pread(fd, magic, sizeof magic, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure(cat("read ", name));
    return std::string_view(magic, static_cast<std::size_t>(count)) == ELFMAG;
  }
}

Result<Elf> read_elf(int fd, std::string_view name) { return Reader(fd, name).read(); }

}  // namespace kelp::sys
