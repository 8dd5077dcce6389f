// SPDX-License-Identifier: Apache-2.0
// The reader of profiles; see profile.h.
#include "cli/profile.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "cli/lacks.h"
#include "cli/nearest.h"
#include "cli/run.h"

namespace kelp::cli {
namespace {

constexpr std::size_t kMaxSize = 64U << 10U;
constexpr std::size_t kMaxProblems = 10;
constexpr int kMaxDepth = 4;  // a profile may name another; a circle ends here

bool is_profile(const Given& given) { return run_flags()[given.row].name == "profile"; }

// Where a NAME is looked for, the user's own first.
std::vector<std::string> directories(const Surroundings& around) {
  std::vector<std::string> out;
  const auto config = variable(around, "XDG_CONFIG_HOME");
  const auto home = variable(around, "HOME");
  // A relative XDG_CONFIG_HOME is to be ignored (XDG Base Directory Specification).
  if (config && config->starts_with('/')) {
    out.push_back(cat(*config, "/kelp/profiles"));
  } else if (home && home->starts_with('/')) {
    out.push_back(cat(*home, "/.config/kelp/profiles"));
  }
  out.emplace_back("/etc/kelp/profiles");
  if (around.data_directories) {
    for (const std::string& directory : around.data_directories()) out.push_back(cat(directory, "/profiles"));
  }
  return out;
}

struct Profile {
  std::string path;
  std::string text;
};

bool is_absent(const Error& error) { return error.code() == ENOENT || error.code() == ENOTDIR; }

// Which profiles there are, and where; or that a file is named in another way.
std::string hint_of_absent(const std::string& name, const Surroundings& around) {
  if (around.is_there && around.is_there(name)) return cat("a file is named with a slash: ./", name);
  std::string there;
  std::string meant;
  for (const std::string& directory : directories(around)) {
    if (!around.names_in) continue;
    const std::vector<std::string> names = around.names_in(directory);
    if (names.empty()) continue;
    const std::vector<std::string_view> known(names.begin(), names.end());
    if (meant.empty()) meant = nearest(name, known);
    there += cat(there.empty() ? "" : "; ", join(names, ", "), " in ", directory);
  }
  if (!meant.empty()) return cat("did you mean ", meant, "? There are ", there);
  if (!there.empty()) return cat("there are ", there);
  return "no profile is installed in any of these; a file of yours is named with a slash: ./FILE";
}

// A profile that is there but cannot be read ends the search: the next one of its name may fence in less.
Result<Profile> find(const std::string& name, const std::string& typed, const Surroundings& around) {
  if (!around.read_file) return Error(cat("read ", typed), "no file can be read here");
  if (name.empty()) return Error(cat("read ", typed), "the name of the profile is empty");
  std::vector<std::string> paths;
  if (name.find('/') != std::string::npos) {
    paths.push_back(name);
  } else {
    for (const std::string& directory : directories(around)) paths.push_back(cat(directory, "/", name));
  }
  for (const std::string& path : paths) {
    Result<std::string> text = around.read_file(path);
    if (text) return Profile{.path = path, .text = std::move(*text)};
    if (paths.size() == 1 || !is_absent(text.error())) return std::move(text.error()).after(typed);
  }
  return Error(cat("use ", typed), cat("there is no such profile: none of ", join(paths, ", "), " exists"))
      .with_hint(hint_of_absent(name, around));
}

// ${PWD} and ${HOME}: a profile has no shell to know them.
Result<std::string> expanded(std::string_view value, const Surroundings& around) {
  std::string out;
  for (;;) {
    const std::size_t dollar = value.find("${");
    out += value.substr(0, dollar);
    if (dollar == std::string_view::npos) return out;
    const std::size_t end = value.find('}', dollar);
    const std::string_view name =
        end == std::string_view::npos ? std::string_view() : value.substr(dollar + 2, end - dollar - 2);
    if (name != "PWD" && name != "HOME") {
      return Error("read it", "only ${PWD} and ${HOME} stand for something");
    }
    const std::string_view meant = name == "PWD" ? std::string_view(around.working_directory)
                                                 : variable(around, "HOME").value_or(std::string_view());
    if (meant.empty()) return Error("read it", cat("${", name, "} has no value here"));
    // It would end a field of a value such as SRC:DST, or of a list.
    const std::size_t special = meant.find_first_of(":,\\\"");
    if (special != std::string_view::npos) {
      return Error("read it", cat("${", name, "} is ", meant, ", and the ", meant[special],
                                  " in it would mean something else"));
    }
    out += meant;
    value.remove_prefix(end + 1);
  }
}

// "--flag", "--flag=VALUE", "--flag VALUE", "-f VALUE": the words of one line.
Result<std::vector<std::string>> words_of(std::string_view line, const Surroundings& around) {
  if (line.ends_with('\r')) {
    return Error("read it", "it ends with a carriage return, as lines do on Windows")
        .with_hint("take them out: sed -i 's/\\r$//' FILE");
  }
  for (const char c : line) {
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F) {
      return Error("read it", "there is a control character in it");
    }
  }
  if (line.size() < 2 || line[0] != '-' || line == "--" || line.starts_with("-- ")) {
    return Error("read it",
                 "a profile holds flags only, one a line; ROOT and COMMAND are the command line's");
  }
  const std::size_t blank = line.find_first_of(" \t");
  std::vector<std::string> words;
  for (const std::string_view word :
       {line.substr(0, blank),
        blank == std::string_view::npos ? std::string_view() : trimmed(line.substr(blank))}) {
    if (word.empty()) continue;
    Result<std::string> whole = expanded(word, around);
    if (!whole) return whole.error();
    words.push_back(std::move(*whole));
  }
  return words;
}

// The error of a line, with the line's place; "read it" becomes the place itself.
Error placed(const Error& error, const std::string& place) {
  const std::string action =
      error.action() == "read it" ? cat("read ", place) : cat(error.action(), " of ", place);
  Error out = Error(action, error.reason()).with_status(error.status());
  return error.hint().empty() ? out : std::move(out).with_hint(error.hint());
}

// Whether the word is a flag that needs nothing behind it.
bool is_whole(const std::string& flag) {
  const Result<CommandLine> read =
      read_command_line(run_flags(), run_lacks(), std::span(&flag, 1), Positionals::kEndFlags);
  return read && !read->given.empty();
}

Result<std::vector<Given>> read_line(std::string_view line, const std::string& place,
                                     const Surroundings& around) {
  Result<std::vector<std::string>> words = words_of(line, around);
  if (!words) return placed(words.error(), place);
  if (words->size() == 2 && words->back().starts_with('-') && is_whole(words->front())) {
    return Error(cat("read ", place), cat(words->front(), " is whole, and another flag follows"))
        .with_hint("a profile has one flag a line");
  }
  Result<CommandLine> read = read_command_line(run_flags(), run_lacks(), *words, Positionals::kEndFlags);
  if (!read) return placed(read.error(), place);
  // What follows the flag must have become its value, and no flag of its own.
  const bool is_one = !read->given.empty() && read->rest.empty() &&
                      (words->size() == 1 || read->given.back().typed.ends_with(cat(" ", words->back())));
  if (!is_one) {
    Error error(cat("read ", place), cat("'", words->back(), "' is not the value of ", words->front()));
    const bool is_optional =
        !read->given.empty() && run_flags()[read->given.back().row].takes == Takes::kOptionalValue;
    if (!is_optional) return error;
    return std::move(error).with_hint(
        cat("an optional value follows an equals sign: ", words->front(), "=", words->back()));
  }
  for (Given& given : read->given) given.typed = cat(place, ": ", given.typed);
  return std::move(read->given);
}

Result<std::vector<Given>> expand(std::vector<Given> given, const Surroundings& around, int depth);

Result<std::vector<Given>> read_profile(const Given& flag, const Surroundings& around, int depth) {
  if (depth > kMaxDepth) {
    return Error(cat("use ", flag.typed), cat("profiles name profiles more than ", kMaxDepth, " deep"));
  }
  Result<Profile> profile = find(*flag.value, flag.typed, around);
  if (!profile) return profile.error();
  if (profile->text.size() > kMaxSize) {
    return Error(cat("read ", profile->path), cat("it is larger than ", kMaxSize, " bytes"))
        .after(flag.typed);
  }
  std::vector<Given> out;
  std::vector<Error> problems;
  std::size_t number = 0;
  for (const std::string_view raw : split(profile->text, '\n')) {
    const std::string place = cat(profile->path, ":", ++number);
    const std::string_view line = trimmed(raw);
    if (line.empty() || line[0] == '#') continue;
    Result<std::vector<Given>> flags = read_line(line, place, around);
    if (flags) flags = expand(std::move(*flags), around, depth + 1);
    if (!flags) {
      problems.push_back(std::move(flags.error()));
      if (problems.size() == kMaxProblems) break;
      continue;
    }
    out.insert(out.end(), std::make_move_iterator(flags->begin()), std::make_move_iterator(flags->end()));
  }
  if (!problems.empty()) return Error::all_of(std::move(problems));
  return out;
}

Result<std::vector<Given>> expand(std::vector<Given> given, const Surroundings& around, int depth) {
  if (std::none_of(given.begin(), given.end(), is_profile)) return given;
  std::vector<Given> out;
  for (Given& flag : given) {
    if (!is_profile(flag)) {
      out.push_back(std::move(flag));
      continue;
    }
    Result<std::vector<Given>> flags = read_profile(flag, around, depth);
    if (!flags) return flags.error();
    out.insert(out.end(), std::make_move_iterator(flags->begin()), std::make_move_iterator(flags->end()));
  }
  return out;
}

}  // namespace

Result<std::vector<Given>> with_profiles(std::vector<Given> given, const Surroundings& around) {
  return expand(std::move(given), around, 1);
}

}  // namespace kelp::cli
