// SPDX-License-Identifier: Apache-2.0
// The words of the command line, one after the other; see read.h. What an option means is in options.cc.
#include "bwrap/read.h"

#include "base/text.h"
#include "bwrap/draft.h"

namespace kelp::bwrap {
namespace {

// Modifiers are of the next action; another one would silently lose them.
Status check_modifiers(const Draft& draft) {
  const std::string& option = draft.option;
  const bool is_modifier = option == "--perms" || option == "--size";
  if (draft.mode && !is_modifier) return refusal("--perms must be followed by an option that creates a file");
  if (draft.bytes && !is_modifier) return refusal("--size must be followed by --tmpfs");
  return option == "--overlay-src" ? Status() : check_layers(draft);
}

Status read_words(Draft& draft, Values words);

// Words that a descriptor yields, each ended by a zero byte. What follows the options in there is no command.
Status read_file(Draft& draft, const std::string& number) {
  if (draft.is_from_file) return refusal("--args not supported in arguments file");
  const auto fd = read_decimal(number, INT32_MAX);
  if (!fd) return refusal(cat("Invalid fd: ", number));
  Result<std::string> data = draft.around.read_fd(static_cast<int>(*fd));
  if (!data) return refusal(cat("Can't read --args data: ", data.error().reason()));
  draft.consume(static_cast<int>(*fd));
  std::vector<std::string> words;
  for (std::string_view rest = *data; !rest.empty();) {
    const std::size_t end = rest.find('\0');
    words.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  draft.is_from_file = true;
  Status done = read_words(draft, words);
  draft.is_from_file = false;
  return done;
}

// How many words the option took; 0: it is none, the command begins.
Result<std::size_t> read_option(Draft& draft, Values words) {
  const std::string& word = words[0];
  if (!word.starts_with('-')) return std::size_t{0};
  draft.option = word;
  const Option* option = find_option(word);
  if (option == nullptr) return refusal(cat("Unknown option ", word));
  const std::size_t count = option->count();
  if (words.size() <= count) return refusal(cat(word, " ", option->complaint()));
  const Values values = words.subspan(1, count);
  const Status done = option->read != nullptr ? option->read(draft, values) : read_file(draft, values[0]);
  if (!done) return done.error();
  draft.option = word;
  if (Status s = check_modifiers(draft); !s) return s.error();
  return 1 + count;
}

Status read_words(Draft& draft, Values words) {
  while (!words.empty()) {
    if (words[0] == "--") {
      words = words.subspan(1);
      break;
    }
    const Result<std::size_t> taken = read_option(draft, words);
    if (!taken) return taken.error();
    if (draft.request.wish != Request::Wish::kStart) return {};
    if (*taken == 0) break;
    words = words.subspan(*taken);
  }
  if (!draft.is_from_file) draft.spec().command.argv.assign(words.begin(), words.end());
  return {};
}

// bubblewrap's own defaults.
Spec defaults(const Surroundings& around) {
  Spec spec;
  spec.root.what = EmptyRoot{.is_made_by_mounts = true};
  spec.propagation = MountPropagation::kSlave;
  spec.mask_real_root = around.user == 0;
  Command& command = spec.command;
  command.environment.entries = around.environment;
  command.tells_directory = true;
  command.keep_own_ids = true;
  command.groups = Groups::kKeep;
  command.new_privileges = false;
  command.locks_root = false;
  command.lifetime = Lifetime::kAll;
  command.runs_plain_scripts = true;
  // Root keeps what it has unless it drops it; everybody else has nothing.
  if (around.user == 0) command.capabilities.root = around.capabilities;
  return spec;
}

}  // namespace

Status check_layers(const Draft& draft) {
  if (draft.layers.empty()) return {};
  return refusal(
      "--overlay-src must be followed by another --overlay-src or one of --overlay, --tmp-overlay, or "
      "--ro-overlay");
}

Error refusal(std::string sentence) {
  return Error(std::move(sentence), "").with_part(FailedPart::kUsage, "").with_status(1);
}

Reading read(std::span<const std::string> args, const Surroundings& around) {
  Reading reading;
  reading.request.spec = defaults(around);
  Draft draft{.around = around, .request = reading.request};
  Status done = read_words(draft, args);
  if (done && reading.request.wish == Request::Wish::kStart) done = finish(draft);
  if (!done) reading.refusal = std::move(done.error());
  return reading;
}

}  // namespace kelp::bwrap
