// SPDX-License-Identifier: Apache-2.0
// Small ELF files for tests, of any class and byte order, with the dynamic section that a test wants. They
// hold no code: they are read, never run.
#pragma once

#include <elf.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sys/elf.h"

namespace kelp::test {

struct ElfRecipe {
  sys::ElfAbi abi = {.is_64 = true, .is_big_endian = false, .machine = EM_X86_64};
  std::uint16_t type = ET_DYN;
  std::string interpreter = {};
  std::vector<std::string> needed = {};
  std::string soname = {};
  std::string rpath = {};
  std::string runpath = {};
  // Further entries of the dynamic section, as they are.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> entries = {};
  bool has_strings = true;  // DT_STRTAB
};

class ElfBuilder {
 public:
  explicit ElfBuilder(const ElfRecipe& recipe) : recipe_(recipe), abi_(recipe.abi) {}

  std::string build() {
    const bool is_64 = abi_.is_64;
    const std::uint64_t header = is_64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
    const std::uint64_t program_header = is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
    std::string strings(1, '\0');
    std::vector<std::pair<std::uint64_t, std::uint64_t>> dynamic;
    const auto add = [&](std::uint64_t tag, const std::string& text) {
      if (text.empty()) return;
      dynamic.emplace_back(tag, strings.size());
      strings += text + '\0';
    };
    for (const std::string& name : recipe_.needed) add(DT_NEEDED, name);
    add(DT_SONAME, recipe_.soname);
    add(DT_RPATH, recipe_.rpath);
    add(DT_RUNPATH, recipe_.runpath);

    const std::uint64_t interpreter_at = header + 3 * program_header;
    const std::uint64_t interpreter_size = recipe_.interpreter.empty() ? 0 : recipe_.interpreter.size() + 1;
    const std::uint64_t strings_at = interpreter_at + interpreter_size;
    if (recipe_.has_strings) dynamic.emplace_back(DT_STRTAB, kBase + strings_at);
    dynamic.emplace_back(DT_STRSZ, strings.size());
    dynamic.insert(dynamic.end(), recipe_.entries.begin(), recipe_.entries.end());
    dynamic.emplace_back(DT_NULL, 0);
    const std::uint64_t dynamic_at = strings_at + strings.size();
    const std::uint64_t dynamic_size = dynamic.size() * (is_64 ? 16 : 8);
    const std::uint64_t end = dynamic_at + dynamic_size;

    out_ = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3};
    out_ += static_cast<char>(is_64 ? ELFCLASS64 : ELFCLASS32);
    out_ += static_cast<char>(abi_.is_big_endian ? ELFDATA2MSB : ELFDATA2LSB);
    out_ += static_cast<char>(EV_CURRENT);
    out_.resize(EI_NIDENT);
    put(recipe_.type, 2), put(abi_.machine, 2), put(EV_CURRENT, 4), put_wide(0), put_wide(header),
        put_wide(0);
    put(0, 4), put(header, 2), put(program_header, 2), put(3, 2), put(0, 2), put(0, 2), put(0, 2);
    put_segment(PT_LOAD, 0, end);
    put_segment(recipe_.interpreter.empty() ? std::uint32_t{PT_NULL} : PT_INTERP, interpreter_at,
                interpreter_size);
    put_segment(PT_DYNAMIC, dynamic_at, dynamic_size);
    if (interpreter_size > 0) out_ += recipe_.interpreter + '\0';
    out_ += strings;
    for (const auto& [tag, value] : dynamic) put_wide(tag), put_wide(value);
    return out_;
  }

 private:
  static constexpr std::uint64_t kBase = 0x10000;  // addresses and offsets differ, as in real programs

  void put(std::uint64_t value, unsigned size) {
    for (unsigned i = 0; i < size; ++i) {
      const unsigned shift = 8 * (abi_.is_big_endian ? size - 1 - i : i);
      out_ += static_cast<char>(value >> shift & 0xFFU);
    }
  }
  void put_wide(std::uint64_t value) { put(value, abi_.is_64 ? 8 : 4); }

  void put_segment(std::uint32_t type, std::uint64_t offset, std::uint64_t size) {
    put(type, 4);
    if (abi_.is_64) put(PF_R, 4);
    put_wide(offset), put_wide(kBase + offset), put_wide(kBase + offset), put_wide(size), put_wide(size);
    if (!abi_.is_64) put(PF_R, 4);
    put_wide(1);
  }

  const ElfRecipe& recipe_;
  sys::ElfAbi abi_;
  std::string out_;
};

inline std::string build_elf(const ElfRecipe& recipe) { return ElfBuilder(recipe).build(); }

}  // namespace kelp::test
