// SPDX-License-Identifier: Apache-2.0
// Hostile ELF files and library caches: whatever the bytes, they are read or refused, within bounds. The
// first byte of the input chooses which of the two it is.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sys/elf.h"
#include "sys/ld_cache.h"
#include "sys/unique_fd.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 8 == 0) {
    (void)kelp::sys::read_ld_cache(bytes);
    return 0;
  }
  const kelp::sys::UniqueFd fd(::memfd_create("elf", MFD_CLOEXEC));
  if (!fd.valid() || ::write(fd.get(), bytes.data(), bytes.size()) < 0) return 0;
  (void)kelp::sys::read_elf(fd.get(), "input");
  return 0;
}
