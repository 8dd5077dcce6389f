// SPDX-License-Identifier: Apache-2.0
// Seccomp profiles in JSON; see seccomp_json.h.
#include "formats/seccomp_json.h"

#include <linux/seccomp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include "base/text.h"
#include "formats/json_reader.h"
#include "formats/seccomp_conditions.h"

namespace kelp::formats {
namespace {

constexpr unsigned kMostArguments = 6;
constexpr std::uint64_t kMostErrno = 4095;  // MAX_ERRNO: the kernel cuts greater ones to it

// The names of config-linux.md, section Seccomp.
constexpr auto kArchitectures = std::to_array<std::string_view>(
    {"X86",    "X86_64",   "X32",         "ARM",         "AARCH64", "MIPS",    "MIPS64", "MIPS64N32",
     "MIPSEL", "MIPSEL64", "MIPSEL64N32", "PPC",         "PPC64",   "PPC64LE", "S390",   "S390X",
     "PARISC", "PARISC64", "RISCV64",     "LOONGARCH64", "M68K",    "SH",      "SHEB"});

template <typename T, std::size_t N>
std::optional<T> find(const std::array<std::pair<std::string_view, T>, N>& table, std::string_view name) {
  for (const auto& [known, value] : table) {
    if (known == name) return value;
  }
  return std::nullopt;
}

// A member that must be there.
Result<const Json*> needed(const Json& object, const JsonPlace& at, const char* key) {
  const Json* value = member(object, key);
  if (value == nullptr) return at.member(key).wrong("it is missing");
  return value;
}

// An action with its number, which stands beside it as errnoRet or defaultErrnoRet.
Result<SeccompAction> action_of(const Json& object, const JsonPlace& at, const char* key,
                                const char* number) {
  using enum SeccompActionKind;
  static constexpr auto kActions = std::to_array<std::pair<std::string_view, SeccompActionKind>>({
      {"SCMP_ACT_ALLOW", kAllow},
      {"SCMP_ACT_LOG", kLog},
      {"SCMP_ACT_ERRNO", kErrno},
      {"SCMP_ACT_TRAP", kTrap},
      {"SCMP_ACT_TRACE", kTrace},
      {"SCMP_ACT_KILL", kKillThread},
      {"SCMP_ACT_KILL_THREAD", kKillThread},
      {"SCMP_ACT_KILL_PROCESS", kKillProcess},
  });
  Result<const Json*> value = needed(object, at, key);
  if (!value) return value.error();
  Result<std::string> name = text_of(**value, at.member(key));
  if (!name) return name.error();
  if (*name == "SCMP_ACT_NOTIFY")
    return at.member(key).wrong("SCMP_ACT_NOTIFY needs somebody who is asked, and kelp has nobody");
  const auto kind = find(kActions, *name);
  if (!kind) return at.member(key).wrong(cat("'", *name, "' is no action"));
  SeccompAction action{.kind = *kind};
  if (action.kind == kErrno || action.kind == kTrace) action.data = EPERM;
  if (const Json* data = member(object, number); data != nullptr) {
    Result<std::uint64_t> read = number_of(*data, at.member(number), kMostErrno);
    if (!read) return read.error();
    action.data = static_cast<std::uint16_t>(*read);
  }
  return action;
}

Result<SeccompComparison> comparison_of(const Json& object, const JsonPlace& at) {
  using enum SeccompOperator;
  static constexpr auto kOperators = std::to_array<std::pair<std::string_view, SeccompOperator>>({
      {"SCMP_CMP_NE", kNotEqual},
      {"SCMP_CMP_LT", kLess},
      {"SCMP_CMP_LE", kLessOrEqual},
      {"SCMP_CMP_EQ", kEqual},
      {"SCMP_CMP_GE", kGreaterOrEqual},
      {"SCMP_CMP_GT", kGreater},
      {"SCMP_CMP_MASKED_EQ", kMaskedEqual},
  });
  if (Status s = check_keys(object, at, {"index", "value", "valueTwo", "op"}); !s) return s.error();
  const auto number = [&](const char* key, std::uint64_t most) -> Result<std::uint64_t> {
    Result<const Json*> value = needed(object, at, key);
    if (!value) return value.error();
    return number_of(**value, at.member(key), most);
  };
  Result<std::uint64_t> index = number("index", kMostArguments - 1);
  if (!index) return index.error();
  Result<std::uint64_t> value = number("value", UINT64_MAX);
  if (!value) return value.error();
  Result<std::uint64_t> value_two = std::uint64_t{0};
  if (member(object, "valueTwo") != nullptr) value_two = number("valueTwo", UINT64_MAX);
  if (!value_two) return value_two.error();
  Result<const Json*> op = needed(object, at, "op");
  if (!op) return op.error();
  Result<std::string> name = text_of(**op, at.member("op"));
  if (!name) return name.error();
  const auto found = find(kOperators, *name);
  if (!found) return at.member("op").wrong(cat("'", *name, "' is no comparison"));
  return SeccompComparison{
      .index = static_cast<std::uint32_t>(*index), .op = *found, .value = *value, .value_two = *value_two};
}

Status read_comparisons(const Json& list, const JsonPlace& at, SeccompRule& rule) {
  if (!list.is_array()) return at.wrong("it is no list");
  for (std::size_t i = 0; i < list.size(); ++i) {
    Result<SeccompComparison> one = comparison_of(list[i], at.element(i));
    if (!one) return one.error();
    // libseccomp takes one for each argument, and runtimes differ in what they make of two.
    for (const SeccompComparison& other : rule.comparisons) {
      if (other.index == one->index)
        return at.element(i).wrong(cat("argument ", one->index, " is compared twice"));
    }
    rule.comparisons.push_back(*one);
  }
  return {};
}

Result<SeccompRule> rule_of(const Json& object, const JsonPlace& at) {
  if (Status s = check_keys(
          object, at, {"names", "action", "errnoRet", "errno", "args", "comment", "includes", "excludes"});
      !s)
    return s.error();
  Result<SeccompAction> action = action_of(object, at, "action", "errnoRet");
  if (!action) return action.error();
  Result<const Json*> names = needed(object, at, "names");
  if (!names) return names.error();
  Result<std::vector<std::string>> read = texts_of(**names, at.member("names"));
  if (!read) return read.error();
  SeccompRule rule{.names = *std::move(read), .action = *action, .comparisons = {}, .place = at.path};
  if (const Json* arguments = member(object, "args"); arguments != nullptr) {
    if (Status s = read_comparisons(*arguments, at.member("args"), rule); !s) return s.error();
  }
  return rule;
}

Status read_rules(const Json& list, const JsonPlace& at, const ProfilePlace& place, SeccompProfile& profile) {
  if (!list.is_array()) return at.wrong("it is no list");
  for (std::size_t i = 0; i < list.size(); ++i) {
    // Whatever does not count here must be well-formed all the same.
    Result<SeccompRule> rule = rule_of(list[i], at.element(i));
    if (!rule) return rule.error();
    Result<bool> counts = applies(list[i], at.element(i), place);
    if (!counts) return counts.error();
    if (*counts) profile.rules.push_back(*std::move(rule));
  }
  return {};
}

Status add_architectures(const Json& list, const JsonPlace& at, SeccompProfile& profile) {
  constexpr std::string_view kPrefix = "SCMP_ARCH_";
  Result<std::vector<std::string>> names = texts_of(list, at);
  if (!names) return names.error();
  for (std::size_t i = 0; i < names->size(); ++i) {
    const std::string_view name = (*names)[i];
    const bool is_known =
        name.starts_with(kPrefix) && std::find(kArchitectures.begin(), kArchitectures.end(),
                                               name.substr(kPrefix.size())) != kArchitectures.end();
    if (!is_known) return at.element(i).wrong(cat("'", name, "' is no architecture"));
    profile.architectures.emplace_back(name);
  }
  return {};
}

// archMap: for each machine which others it runs. What is said of other machines is not looked at.
Status read_arch_map(const Json& map, const JsonPlace& at, SeccompProfile& profile) {
  if (!map.is_array()) return at.wrong("it is no list");
  for (std::size_t i = 0; i < map.size(); ++i) {
    const JsonPlace here = at.element(i);
    if (Status s = check_keys(map[i], here, {"architecture", "subArchitectures"}); !s) return s;
    Result<const Json*> architecture = needed(map[i], here, "architecture");
    if (!architecture) return architecture.error();
    if (**architecture != this_architecture()) continue;
    profile.architectures.emplace_back(this_architecture());
    const Json* others = member(map[i], "subArchitectures");
    if (others == nullptr) continue;
    if (Status s = add_architectures(*others, here.member("subArchitectures"), profile); !s) return s;
  }
  return {};
}

Status read_flags(const Json& list, const JsonPlace& at, SeccompProfile& profile) {
  Result<std::vector<std::string>> names = texts_of(list, at);
  if (!names) return names.error();
  for (std::size_t i = 0; i < names->size(); ++i) {
    const std::string& name = (*names)[i];
    if (name == "SECCOMP_FILTER_FLAG_TSYNC") continue;  // there is one thread
    if (name == "SECCOMP_FILTER_FLAG_LOG") {
      profile.flags |= SECCOMP_FILTER_FLAG_LOG;
    } else if (name == "SECCOMP_FILTER_FLAG_SPEC_ALLOW") {
      profile.flags |= SECCOMP_FILTER_FLAG_SPEC_ALLOW;
    } else {
      return at.element(i).wrong(cat("kelp does not know '", name, "'"));
    }
  }
  return {};
}

Result<SeccompProfile> profile_of(const Json& top, const JsonPlace& at, const ProfilePlace& place) {
  SeccompProfile profile;
  Result<SeccompAction> action = action_of(top, at, "defaultAction", "defaultErrnoRet");
  if (!action) return action.error();
  profile.default_action = *action;
  for (const char* key : {"listenerPath", "listenerMetadata"}) {
    const Json* value = member(top, key);
    if (value != nullptr && !(value->is_string() && value->get_ref<const std::string&>().empty()))
      return at.member(key).wrong("kelp tells nobody of a system call");
  }
  if (const Json* list = member(top, "architectures"); list != nullptr) {
    if (Status s = add_architectures(*list, at.member("architectures"), profile); !s) return s.error();
  }
  if (const Json* map = member(top, "archMap"); map != nullptr) {
    if (Status s = read_arch_map(*map, at.member("archMap"), profile); !s) return s.error();
  }
  if (const Json* flags = member(top, "flags"); flags != nullptr) {
    if (Status s = read_flags(*flags, at.member("flags"), profile); !s) return s.error();
  }
  if (const Json* rules = member(top, "syscalls"); rules != nullptr) {
    if (Status s = read_rules(*rules, at.member("syscalls"), place, profile); !s) return s.error();
  }
  return profile;
}

}  // namespace

Result<SeccompProfile> read_seccomp_profile(std::string_view text, const ProfilePlace& place) {
  const JsonPlace top = {.document = "the seccomp profile"};
  Result<Json> parsed = parse_json(text, top.document);
  if (!parsed) return parsed.error();
  if (Status s = check_keys(*parsed, top,
                            {"defaultAction", "defaultErrnoRet", "defaultErrno", "architectures", "archMap",
                             "flags", "syscalls", "listenerPath", "listenerMetadata", "comment"});
      !s)
    return s.error();
  return profile_of(*parsed, top, place);
}

bool looks_like_json(std::string_view bytes) {
  const std::size_t at = bytes.find_first_not_of(" \t\r\n");
  return at != std::string_view::npos && bytes[at] == '{';
}

}  // namespace kelp::formats
