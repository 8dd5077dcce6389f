// SPDX-License-Identifier: Apache-2.0
// Compiles the tables of filters to data of kelp's: compiler NUMBERS TABLES... > generated.inc
// libseccomp says which number a call has where. Runs while kelp is built, and fails the build on a name that
// nobody knows.
#include <linux/audit.h>
#include <seccomp.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "filters/compiler/emit.h"

namespace kelp::filters {
namespace {

struct Kind {
  std::uint32_t token;
  std::uint32_t libseccomps_token;
  std::uint32_t foreign_from;
  std::string_view name;
};
constexpr Kind kAmd64 = {AUDIT_ARCH_X86_64, SCMP_ARCH_X86_64, 0x40000000, "x86-64"};
constexpr Kind kI386 = {AUDIT_ARCH_I386, SCMP_ARCH_X86, 0, "i386"};
constexpr Kind kAarch64 = {AUDIT_ARCH_AARCH64, SCMP_ARCH_AARCH64, 0, "aarch64"};

// What a machine may be asked for; its own interface first.
struct Machine {
  const char* name;
  std::vector<Kind> kinds;
};
const std::array<Machine, 2> kMachines = {{{"X86", {kAmd64, kI386}}, {"Aarch64", {kAarch64}}}};

// Nothing where the architecture has no such call; an error where nobody knows the name.
Result<std::optional<std::uint32_t>> number_of(const std::string& name, const Kind& kind,
                                               const std::vector<KnownNumber>& known) {
  bool is_known = false;
  for (const KnownNumber& one : known) {
    if (one.name != name) continue;
    is_known = true;
    if (one.where == "all" || one.where == kind.name) return std::optional(one.number);
  }
  const int number = seccomp_syscall_resolve_name_arch(kind.libseccomps_token, name.c_str());
  if (number >= 0) return std::optional(static_cast<std::uint32_t>(number));
  // Other negative numbers stand for calls of other architectures.
  if (number == __NR_SCMP_ERROR && !is_known)
    return Error(cat("find the call ", name), "neither libseccomp nor numbers.txt has it");
  return std::optional<std::uint32_t>();
}

Result<Architecture> architecture_of(const Table& table, const Kind& kind,
                                     const std::vector<KnownNumber>& known) {
  Architecture out{.token = kind.token, .numbers = {}};
  (table.counts_x32 ? out.same_bit : out.foreign_from) = kind.foreign_from;
  std::set<std::uint32_t> seen;
  for (const Rule& rule : table.rules) {
    Result<std::optional<std::uint32_t>> number = number_of(rule.name, kind, known);
    if (!number) return number.error();
    if (!number->has_value()) continue;
    if (!seen.insert(**number).second)
      return Error(cat("compile the filter ", table.name), cat(rule.name, " is named twice"));
    out.numbers.push_back({.number = **number, .rule = &rule});
  }
  return out;
}

// "name" is that of the array, without the machine.
Result<std::string> data_of(const Table& table, const Machine& machine, std::string_view name,
                            const std::vector<KnownNumber>& known) {
  std::vector<Architecture> architectures;
  const Table other = of_other_interfaces(table);
  for (const Kind& kind : machine.kinds) {
    const bool is_own = &kind == &machine.kinds.front();
    Result<Architecture> one = architecture_of(is_own ? table : other, kind, known);
    if (!one) return one.error();
    architectures.push_back(*std::move(one));
  }
  Result<FilterCode> code = emit(table, architectures);
  if (!code) return code.error();
  std::string out = cat("constexpr FilterInstruction k", machine.name, name, "[] = {\n");
  for (const FilterInstruction& one : *code) {
    out += cat("{", one.code, ", ", int{one.if_true}, ", ", int{one.if_false}, ", ", one.operand, "U},\n");
  }
  return out + "};\n";
}

// An array for each machine; of the default filter also one for each combination of what is given back.
Result<std::string> data_of(const Table& table, const std::vector<KnownNumber>& known) {
  const std::string action = cat("compile the filter ", table.name);
  const auto filter = read_built_in_filter(table.name);
  if (!filter) return Error(action, "spec/seccomp.h has no such name");
  const bool is_default = *filter == BuiltInFilter::kDefault;
  if (sets_of(table) != (is_default ? kEveryGivingSet : 0))
    return Error(action, "the default filter gives back something for each set, and no other gives anything");
  std::string out;
  for (const Machine& machine : kMachines) {
    if (!is_default) {
      Result<std::string> data = data_of(table, machine, cat(static_cast<int>(*filter)), known);
      if (!data) return data.error();
      out += *data;
      continue;
    }
    for (GivingSets sets = 0; sets <= kEveryGivingSet; ++sets) {
      Result<std::string> data = data_of(with_given_back(table, sets), machine, cat("Giving", sets), known);
      if (!data) return data.error();
      out += *data;
    }
  }
  return out;
}

// Lists of the arrays, which the code behind filters.h has by these names.
std::string lists_of(std::size_t filters) {
  std::string out;
  for (const Machine& machine : kMachines) {
    out += cat("constexpr std::span<const FilterInstruction> k", machine.name, "Defaults[] = {");
    for (GivingSets sets = 0; sets <= kEveryGivingSet; ++sets)
      out += cat("k", machine.name, "Giving", sets, ", ");
    out += cat("};\nconstexpr std::span<const FilterInstruction> k", machine.name, "[] = {k", machine.name,
               "Giving0, ");
    for (std::size_t i = 1; i < filters; ++i) out += cat("k", machine.name, i, ", ");
    out += "};\n";
  }
  return out;
}

std::string contents(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

Result<std::string> compile(std::span<char* const> paths) {
  Result<std::vector<KnownNumber>> known = read_numbers(contents(paths[0]));
  if (!known) return known.error();
  std::string out = "// Compiled from src/filters/*.txt.\n";
  out += "constexpr std::string_view kNewerCalls[] = {";
  for (const KnownNumber& one : *known) out += cat('"', one.name, "\", ");
  out += "};\n";
  std::size_t count = 0;
  for (const char* path : paths.subspan(1)) {
    Result<std::vector<Table>> tables = read_tables(contents(path));
    if (!tables) return tables.error();
    count += tables->size();
    for (const Table& table : *tables) {
      Result<std::string> data = data_of(table, *known);
      if (!data) return data.error();
      out += *data;
    }
  }
  if (count != kBuiltInFilters)
    return Error("compile the filters", "the tables and spec/seccomp.h have not the same names");
  return out + lists_of(count);
}

}  // namespace
}  // namespace kelp::filters

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const kelp::Result<std::string> data = kelp::filters::compile(std::span(argv + 1, argv + argc));
  if (!data) {
    std::fprintf(stderr, "%s\n", data.error().sentence().c_str());
    return 1;
  }
  return std::fwrite(data->data(), 1, data->size(), stdout) == data->size() && std::fflush(stdout) == 0 ? 0
                                                                                                        : 1;
}
