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
#include "formats/seccomp_object.h"

namespace kelp::formats {
namespace {

// Which of the two forms it is in.
enum class Form {
  kProfile,    // of Podman and Docker: with conditions, and nothing unknown
  kOciObject,  // of config.json: what is not known is ignored, and calls may be passed on
};

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

Status check_object(const Json& object, const JsonPlace& at, Form form,
                    std::initializer_list<std::string_view> known) {
  if (form == Form::kProfile) return check_keys(object, at, known);
  if (!object.is_object()) return at.wrong("it is no object");
  return {};
}

// An action with its number, which stands beside it as errnoRet or defaultErrnoRet.
Result<SeccompAction> action_of(const Json& object, const JsonPlace& at, const char* key, const char* number,
                                Form form) {
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
      {"SCMP_ACT_NOTIFY", kNotify},
  });
  Result<const Json*> value = needed(object, at, key);
  if (!value) return value.error();
  Result<std::string> name = text_of(**value, at.member(key));
  if (!name) return name.error();
  const auto kind = find(kActions, *name);
  if (!kind) return at.member(key).wrong(cat("'", *name, "' is no action"));
  if (*kind == kNotify && form == Form::kProfile)
    return at.member(key).wrong("SCMP_ACT_NOTIFY needs somebody who is asked, and kelp has nobody");
  SeccompAction action{.kind = *kind};
  const bool has_number = action.kind == kErrno || action.kind == kTrace;
  if (has_number) action.data = EPERM;
  if (const Json* data = member(object, number); data != nullptr) {
    if (!has_number && form == Form::kOciObject)
      return at.member(number).wrong(cat(*name, " returns no number"));
    Result<std::uint64_t> read = number_of(*data, at.member(number), kMostErrno);
    if (!read) return read.error();
    action.data = static_cast<std::uint16_t>(*read);
  }
  return action;
}

Result<SeccompComparison> comparison_of(const Json& object, const JsonPlace& at, Form form) {
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
  if (Status s = check_object(object, at, form, {"index", "value", "valueTwo", "op"}); !s) return s.error();
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

Status read_comparisons(const Json& list, const JsonPlace& at, Form form, SeccompRule& rule) {
  if (!list.is_array()) return at.wrong("it is no list");
  for (std::size_t i = 0; i < list.size(); ++i) {
    Result<SeccompComparison> one = comparison_of(list[i], at.element(i), form);
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

Result<SeccompRule> rule_of(const Json& object, const JsonPlace& at, Form form) {
  if (Status s =
          check_object(object, at, form,
                       {"names", "action", "errnoRet", "errno", "args", "comment", "includes", "excludes"});
      !s)
    return s.error();
  Result<SeccompAction> action = action_of(object, at, "action", "errnoRet", form);
  if (!action) return action.error();
  Result<const Json*> names = needed(object, at, "names");
  if (!names) return names.error();
  Result<std::vector<std::string>> read = texts_of(**names, at.member("names"));
  if (!read) return read.error();
  if (read->empty() && form == Form::kOciObject) return at.member("names").wrong("it is empty");
  SeccompRule rule{.names = *std::move(read), .action = *action, .comparisons = {}, .place = at.path};
  if (const Json* arguments = member(object, "args"); arguments != nullptr) {
    if (Status s = read_comparisons(*arguments, at.member("args"), form, rule); !s) return s.error();
  }
  return rule;
}

Status read_rules(const Json& list, const JsonPlace& at, const ProfilePlace* place, SeccompProfile& profile) {
  if (!list.is_array()) return at.wrong("it is no list");
  const Form form = place == nullptr ? Form::kOciObject : Form::kProfile;
  for (std::size_t i = 0; i < list.size(); ++i) {
    // Whatever does not count here must be well-formed all the same.
    Result<SeccompRule> rule = rule_of(list[i], at.element(i), form);
    if (!rule) return rule.error();
    Result<bool> counts = place == nullptr ? true : applies(list[i], at.element(i), *place);
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

Status read_flags(const Json& list, const JsonPlace& at, Form form, SeccompProfile& profile) {
  Result<std::vector<std::string>> names = texts_of(list, at);
  if (!names) return names.error();
  for (std::size_t i = 0; i < names->size(); ++i) {
    const std::string& name = (*names)[i];
    if (name == "SECCOMP_FILTER_FLAG_TSYNC") continue;  // there is one thread
    if (name == "SECCOMP_FILTER_FLAG_LOG") {
      profile.flags |= SECCOMP_FILTER_FLAG_LOG;
    } else if (name == "SECCOMP_FILTER_FLAG_SPEC_ALLOW") {
      profile.flags |= SECCOMP_FILTER_FLAG_SPEC_ALLOW;
    } else if (name == "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV" && form == Form::kOciObject) {
      profile.flags |= SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
    } else {
      return at.element(i).wrong(cat("kelp does not know '", name, "'"));
    }
  }
  return {};
}

// Both forms have these. `place` is that of the conditions, which only a profile has.
Result<SeccompProfile> profile_of(const Json& top, const JsonPlace& at, const ProfilePlace* place) {
  const Form form = place == nullptr ? Form::kOciObject : Form::kProfile;
  SeccompProfile profile;
  Result<SeccompAction> action = action_of(top, at, "defaultAction", "defaultErrnoRet", form);
  if (!action) return action.error();
  profile.default_action = *action;
  if (const Json* list = member(top, "architectures"); list != nullptr) {
    if (Status s = add_architectures(*list, at.member("architectures"), profile); !s) return s.error();
  }
  if (const Json* map = member(top, "archMap"); map != nullptr && form == Form::kProfile) {
    if (Status s = read_arch_map(*map, at.member("archMap"), profile); !s) return s.error();
  }
  if (const Json* flags = member(top, "flags"); flags != nullptr) {
    if (Status s = read_flags(*flags, at.member("flags"), form, profile); !s) return s.error();
  }
  if (const Json* rules = member(top, "syscalls"); rules != nullptr) {
    if (Status s = read_rules(*rules, at.member("syscalls"), place, profile); !s) return s.error();
  }
  return profile;
}

Status refuse_listener(const Json& top, const JsonPlace& at) {
  for (const char* key : {"listenerPath", "listenerMetadata"}) {
    const Json* value = member(top, key);
    if (value != nullptr && !(value->is_string() && value->get_ref<const std::string&>().empty()))
      return at.member(key).wrong("kelp tells nobody of a system call");
  }
  return {};
}

// Before the listener has come to who answers, kelp itself would wait for an answer.
Status check_sending(const SeccompRule& rule, const JsonPlace& at) {
  for (std::size_t i = 0; i < rule.names.size(); ++i) {
    if (rule.names[i] == "sendmsg")
      return at.member("names").element(i).wrong(
          "SCMP_ACT_NOTIFY cannot be for sendmsg, by which kelp passes the listener on");
  }
  return {};
}

// Where nobody is asked, the path counts for nothing.
Status read_listener(const Json& top, const JsonPlace& at, SeccompProfile& profile) {
  const auto text = [&](const char* key) -> Result<std::string> {
    const Json* value = member(top, key);
    return value == nullptr ? std::string() : text_of(*value, at.member(key));
  };
  const Result<std::string> path = text("listenerPath");
  if (!path) return path.error();
  const Result<std::string> metadata = text("listenerMetadata");
  if (!metadata) return metadata.error();
  if (path->empty() && !metadata->empty())
    return at.member("listenerMetadata").wrong("there is no listenerPath beside it");
  // The runtime itself would be the first who waits for an answer.
  if (profile.default_action.kind == SeccompActionKind::kNotify)
    return at.member("defaultAction").wrong("SCMP_ACT_NOTIFY can be the action of a rule only");
  for (const SeccompRule& rule : profile.rules) {
    if (rule.action.kind != SeccompActionKind::kNotify) continue;
    if (path->empty())
      return at.member("listenerPath")
          .wrong("it is missing, and SCMP_ACT_NOTIFY needs somebody who is asked");
    if (Status s = check_sending(rule, {.document = at.document, .path = rule.place}); !s) return s;
    profile.listener_path = *path;
    profile.listener_metadata = *metadata;
  }
  return {};
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
  if (Status s = refuse_listener(*parsed, top); !s) return s.error();
  return profile_of(*parsed, top, &place);
}

Result<SeccompProfile> seccomp_profile_of(const Json& object, const JsonPlace& at) {
  if (!object.is_object()) return at.wrong("it is no object");
  Result<SeccompProfile> profile = profile_of(object, at, nullptr);
  if (!profile) return profile;
  if (Status s = read_listener(object, at, *profile); !s) return s.error();
  return profile;
}

bool looks_like_json(std::string_view bytes) {
  const std::size_t at = bytes.find_first_not_of(" \t\r\n");
  return at != std::string_view::npos && bytes[at] == '{';
}

}  // namespace kelp::formats
