// SPDX-License-Identifier: Apache-2.0
// libseccomp by dlopen; see libseccomp.h.
// Runs in: parent.
#include "sys/libseccomp.h"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>
#include <vector>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "sys/library.h"

namespace kelp::sys {

// seccomp.h, which need not be installed where kelp runs. The interface of libseccomp.so.2 is stable.
struct Comparison {
  unsigned argument;
  int op;
  std::uint64_t a;
  std::uint64_t b;
};
struct LibseccompFunctions {
  void* (*init)(std::uint32_t);
  void (*release)(void*);
  int (*attr_set)(void*, int, std::uint32_t);
  std::uint32_t (*arch_resolve_name)(const char*);
  int (*arch_exist)(void*, std::uint32_t);
  int (*arch_add)(void*, std::uint32_t);
  int (*syscall_resolve_name)(const char*);
  int (*rule_add_array)(void*, std::uint32_t, int, unsigned, const Comparison*);
  int (*export_bpf)(void*, int);
};

namespace {

constexpr int kBadArchitectureAction = 2;  // SCMP_FLTATR_ACT_BADARCH
constexpr int kOptimize = 8;               // SCMP_FLTATR_CTL_OPTIMIZE
constexpr std::uint32_t kBinaryTree = 2;
constexpr std::uint32_t kKillProcess = 0x80000000U;
constexpr int kNoSuchCall = -1;  // __NR_SCMP_ERROR
constexpr std::size_t kMostBytes = std::size_t{8} * 65536;

Result<const LibseccompFunctions*> functions() {
  static LibseccompFunctions found;
  const Library library{"libseccomp.so.2"};
  if (!library.is_loaded()) {
    return Error("compile a seccomp profile", why_not_loaded("libseccomp.so.2"))
        .with_hint(cat(how_to_load("libseccomp", "libseccomp2"), ", or give a filter as BPF"));
  }
  const bool is_whole = library.find("seccomp_init", found.init) &&
                        library.find("seccomp_release", found.release) &&
                        library.find("seccomp_attr_set", found.attr_set) &&
                        library.find("seccomp_arch_resolve_name", found.arch_resolve_name) &&
                        library.find("seccomp_arch_exist", found.arch_exist) &&
                        library.find("seccomp_arch_add", found.arch_add) &&
                        library.find("seccomp_syscall_resolve_name", found.syscall_resolve_name) &&
                        library.find("seccomp_rule_add_array", found.rule_add_array) &&
                        library.find("seccomp_export_bpf", found.export_bpf);
  if (is_whole) return &found;
  return Error("compile a seccomp profile", "libseccomp.so.2 lacks a function")
      .with_hint("libseccomp 2.5 has it; or give a filter as BPF");
}

}  // namespace

void FilterCompiler::Release::operator()(void* filter) const noexcept { functions->release(filter); }

Result<FilterCompiler> FilterCompiler::open(std::uint32_t default_action) {
  Result<const LibseccompFunctions*> loaded = functions();
  if (!loaded) return loaded.error();
  void* const filter = (*loaded)->init(default_action);
  if (filter == nullptr) return Error("compile a seccomp profile", "libseccomp refuses its default action");
  FilterCompiler compiler(**loaded, filter);
  if ((*loaded)->attr_set(filter, kBadArchitectureAction, kKillProcess) != 0)
    return Error("compile a seccomp profile", "libseccomp cannot kill what is of an unknown architecture");
  // 2.5 and later; without it the program is slower and means the same.
  (void)(*loaded)->attr_set(filter, kOptimize, kBinaryTree);
  return compiler;
}

bool FilterCompiler::add_architecture(const std::string& name) {
  const std::uint32_t token = functions_->arch_resolve_name(name.c_str());
  if (token == 0) return false;
  return functions_->arch_exist(filter_.get(), token) == 0 || functions_->arch_add(filter_.get(), token) == 0;
}

std::optional<int> FilterCompiler::number_of(const std::string& name) const {
  const int number = functions_->syscall_resolve_name(name.c_str());
  if (number == kNoSuchCall) return std::nullopt;
  return number;
}

Status FilterCompiler::add_rule(std::uint32_t action, int number,
                                std::span<const ArgumentComparison> comparisons) {
  std::vector<Comparison> list;
  list.reserve(comparisons.size());
  for (const ArgumentComparison& one : comparisons)
    list.push_back({.argument = one.argument, .op = one.op, .a = one.a, .b = one.b});
  const int result = functions_->rule_add_array(filter_.get(), action, number,
                                                static_cast<unsigned>(list.size()), list.data());
  if (result == 0) return {};
  return failure("add the rule to the filter", -result);
}

Result<std::string> FilterCompiler::bytes() const {
  const UniqueFd file(::memfd_create("filter", MFD_CLOEXEC));
  if (!file.valid()) return failure("make a file in memory for the filter");
  const int result = functions_->export_bpf(filter_.get(), file.get());
  if (result != 0) return failure("compile the filter", -result);
  if (::lseek(file.get(), 0, SEEK_SET) != 0) return failure("read the compiled filter");
  return read_all(file.get(), kMostBytes, "the compiled filter");
}

}  // namespace kelp::sys
