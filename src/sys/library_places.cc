// SPDX-License-Identifier: Apache-2.0
// Directories and tokens of the dynamic loaders, by architecture and C library; see library_places.h.
// Runs in: parent.
#include "sys/library_places.h"

#include <elf.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "sys/files.h"

namespace kelp::sys {
namespace {

constexpr std::size_t kMaxPathFile = 1U << 16U;  // bytes

struct Platform {
  std::uint16_t machine;
  bool is_64;
  bool is_big_endian;
  std::string_view name;     // $PLATFORM, and musl's name of the architecture
  std::string_view triplet;  // Debian's multiarch directory
};
constexpr std::array kPlatforms = {
    Platform{EM_X86_64, true, false, "x86_64", "x86_64-linux-gnu"},
    Platform{EM_X86_64, false, false, "x86_64", "x86_64-linux-gnux32"},
    Platform{EM_386, false, false, "i686", "i386-linux-gnu"},
    Platform{EM_AARCH64, true, false, "aarch64", "aarch64-linux-gnu"},
    Platform{EM_ARM, false, false, "armhf", "arm-linux-gnueabihf"},
    Platform{EM_PPC64, true, false, "powerpc64le", "powerpc64le-linux-gnu"},
    Platform{EM_S390, true, true, "s390x", "s390x-linux-gnu"},
    Platform{EM_RISCV, true, false, "riscv64", "riscv64-linux-gnu"},
    Platform{EM_LOONGARCH, true, false, "loongarch64", "loongarch64-linux-gnu"},
};

const Platform* platform_of(const ElfAbi& abi) {
  const auto* found = std::find_if(kPlatforms.begin(), kPlatforms.end(), [&](const Platform& platform) {
    return platform.machine == abi.machine && platform.is_64 == abi.is_64 &&
           platform.is_big_endian == abi.is_big_endian;
  });
  return found == kPlatforms.end() ? nullptr : found;
}

// What $LIB may stand for. Each distribution compiles in one; all are tried, and the file decides.
std::vector<std::string> lib_names(const ElfAbi& abi) {
  std::vector<std::string> names;
  if (const Platform* platform = platform_of(abi)) names.push_back(cat("lib/", platform->triplet));
  if (abi.is_64) names.emplace_back("lib64");
  if (!abi.is_64 && abi.machine == EM_X86_64) names.emplace_back("libx32");
  if (abi.machine == EM_386) names.emplace_back("lib32");
  names.emplace_back("lib");
  return names;
}

std::string_view musl_architecture(const Elf& elf) {
  std::string_view name = elf.interpreter;
  name.remove_prefix(name.rfind('/') == std::string_view::npos ? 0 : name.rfind('/') + 1);
  if (name.starts_with("ld-musl-")) {
    name.remove_prefix(std::string_view("ld-musl-").size());
    return name.substr(0, name.find('.'));
  }
  const Platform* platform = platform_of(elf.abi);
  return platform != nullptr ? platform->name : std::string_view();
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

std::vector<std::string> glibc_directories(const ElfAbi& abi) {
  std::vector<std::string> directories;
  for (const std::string& name : lib_names(abi)) {
    directories.push_back(cat("/", name));
    directories.push_back(cat("/usr/", name));
  }
  return directories;
}

}  // namespace

Libc libc_of(const Elf& elf) {
  if (elf.interpreter.find("/ld-musl-") != std::string::npos) return Libc::kMusl;
  const bool needs_musl = std::any_of(elf.needed.begin(), elf.needed.end(), [](const std::string& name) {
    return name == "libc.so" || name.starts_with("libc.musl-");
  });
  return elf.interpreter.empty() && needs_musl ? Libc::kMusl : Libc::kGlibc;
}

std::string musl_path_file(const Elf& elf) { return cat("/etc/ld-musl-", musl_architecture(elf), ".path"); }

namespace {

std::vector<std::string> musl_directories(const Elf& elf) {
  std::string text = "/lib:/usr/local/lib:/usr/lib";
  if (Result<std::string> file = read_file(musl_path_file(elf), kMaxPathFile)) text = std::move(*file);
  std::replace(text.begin(), text.end(), '\n', ':');
  std::vector<std::string> directories;
  for (const std::string_view part : split(text, ':')) {
    if (part.starts_with('/')) directories.emplace_back(part);
  }
  return directories;
}

}  // namespace

std::vector<std::string> default_directories(const Elf& elf) {
  return libc_of(elf) == Libc::kMusl ? musl_directories(elf) : glibc_directories(elf.abi);
}

bool is_within_musl(std::string_view name) {
  constexpr std::array<std::string_view, 7> kReserved = {"c", "pthread", "rt", "m", "dl", "util", "xnet"};
  if (!name.starts_with("lib")) return false;
  const std::string_view stem =
      name.substr(3, name.find('.') == std::string_view::npos ? 0 : name.find('.') - 3);
  return std::find(kReserved.begin(), kReserved.end(), stem) != kReserved.end();
}

std::vector<std::string> expand_element(std::string_view element, const std::string& origin,
                                        const ElfAbi& abi) {
  std::string text(element);
  for (const std::string_view token : {"${ORIGIN}", "$ORIGIN"}) replace_all(text, token, origin);
  const Platform* platform = platform_of(abi);
  for (const std::string_view token : {"${PLATFORM}", "$PLATFORM"}) {
    replace_all(text, token, platform != nullptr ? platform->name : "");
  }
  if (!text.starts_with('/')) return {};
  if (text.find("$LIB") == std::string::npos && text.find("${LIB}") == std::string::npos) return {text};
  std::vector<std::string> out;
  for (const std::string& name : lib_names(abi)) {
    std::string one = text;
    for (const std::string_view token : {"${LIB}", "$LIB"}) replace_all(one, token, name);
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace kelp::sys
