// SPDX-License-Identifier: Apache-2.0
// libseccomp, loaded when a profile must be compiled and never otherwise: it is not linked into kelp. Names
// and numbers are libseccomp's own (seccomp_rule_add(3)). Runs in: parent.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"

namespace kelp::sys {

struct LibseccompFunctions;

// struct scmp_arg_cmp.
struct ArgumentComparison {
  unsigned argument = 0;
  int op = 0;  // enum scmp_compare
  std::uint64_t a = 0;
  std::uint64_t b = 0;
};

// One filter that is being compiled.
class FilterCompiler {
 public:
  // Loads the library. `default_action` is a SECCOMP_RET_*; what comes from an architecture that was not
  // added kills the process. This machine's own architecture is there from the start.
  static Result<FilterCompiler> open(std::uint32_t default_action);

  // "x86_64", "aarch64"; false where libseccomp does not know it.
  bool add_architecture(const std::string& name);

  // libseccomp's number of a call; nothing where it does not know the name.
  std::optional<int> number_of(const std::string& name) const;

  Status add_rule(std::uint32_t action, int number, std::span<const ArgumentComparison> comparisons);

  // The program: whole struct sock_filter as bytes.
  Result<std::string> bytes() const;

 private:
  struct Release {
    const LibseccompFunctions* functions = nullptr;
    void operator()(void* filter) const noexcept;
  };
  FilterCompiler(const LibseccompFunctions& functions, void* filter)
      : functions_(&functions), filter_(filter, Release{&functions}) {}

  const LibseccompFunctions* functions_;
  std::unique_ptr<void, Release> filter_;
};

}  // namespace kelp::sys
