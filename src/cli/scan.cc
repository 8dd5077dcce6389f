// SPDX-License-Identifier: Apache-2.0
// The look over a command line before CLI11 gets it; see scan.h.
#include "cli/scan.h"

#include <string_view>
#include <utility>

#include "base/text.h"
#include "cli/nearest.h"

namespace kelp::cli {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

class Scanner {
 public:
  Scanner(std::span<const FlagInfo> table, std::span<const Lack> lacks, std::span<const std::string> args)
      : table_(table), lacks_(lacks), args_(args) {}

  Result<Scan> scan(Positionals positionals) {
    while (at_ < args_.size()) {
      const std::string& arg = args_[at_];
      if (arg == "--") {
        ++at_;
        scan_.rest_is_marked = scan_.rest.empty();
        break;
      }
      if (arg.size() < 2 || arg[0] != '-') {
        if (positionals == Positionals::kEndFlags) break;
        scan_.rest.push_back(arg);
        ++at_;
      } else {
        ++at_;
        arg[1] == '-' ? read_long(arg) : read_letters(arg);
      }
    }
    scan_.rest.insert(scan_.rest.end(), args_.begin() + static_cast<std::ptrdiff_t>(at_), args_.end());
    if (scan_.unknown.empty() && wrong_) return *std::move(wrong_);
    return std::move(scan_);
  }

 private:
  void read_long(std::string_view arg) {
    const std::size_t equals = arg.find('=');
    const std::string_view name = arg.substr(2, equals == std::string_view::npos ? equals : equals - 2);
    std::optional<std::string_view> value;
    if (equals != std::string_view::npos) value = arg.substr(equals + 1);
    const std::size_t row = find_name(name);
    if (row != kNone) return take(row, value, arg);
    for (const Lack& lack : lacks_) {
      if (!name.empty() && lack.name == name) return refuse(lack, cat("--", name), value.has_value());
    }
    refuse_unknown(name);
  }

  // -v VALUE, -vVALUE, -v=VALUE, -it, -it=never
  void read_letters(std::string_view arg) {
    for (std::size_t i = 1; i < arg.size(); ++i) {
      const std::string_view after = arg.substr(i + 1);
      const std::string typed = cat("-", arg.substr(i));
      const std::size_t row = find_letter(arg[i]);
      if (row == kNone) return refuse_letter(arg, i);
      if (after.starts_with('=')) return take(row, after.substr(1), typed);
      if (table_[row].takes == Takes::kValue) {
        return take(row, after.empty() ? std::nullopt : std::optional(after), typed);
      }
      take(row, std::nullopt, typed.substr(0, 2));
    }
  }

  void take(std::size_t row, std::optional<std::string_view> value, std::string_view typed) {
    const FlagInfo& flag = table_[row];
    Given given{.row = row, .value = std::nullopt, .is_on = true, .typed = std::string(typed)};
    std::string spelling = long_name(flag);
    switch (flag.takes) {
      case Takes::kNothing:
        if (value && *value != "true" && *value != "false") {
          return complain(typed, cat("'", *value, "' is neither true nor false"));
        }
        given.is_on = !value || *value == "true";
        scan_.normal.push_back(std::move(spelling));
        break;
      case Takes::kOptionalValue:
        if (value && value->empty()) return complain(typed, "the value is empty");
        given.is_on = value != "false";
        if (value && given.is_on && *value != "true") {
          given.value.emplace();
          spelling += cat('=', *value);
        }
        scan_.normal.push_back(std::move(spelling));
        break;
      case Takes::kValue:
        scan_.normal.push_back(std::move(spelling));
        given.value.emplace();
        if (value) {
          scan_.normal.emplace_back(*value);
        } else if (at_ < args_.size()) {
          given.typed.reserve(typed.size() + 1 + args_[at_].size());
          given.typed += ' ';
          given.typed += args_[at_];
          scan_.normal.push_back(args_[at_++]);
        } else {
          return complain(typed, cat("its value is missing (", flag.value, ")"));
        }
        break;
    }
    scan_.given.push_back(std::move(given));
  }

  // The same flag often comes again and again: look at the last row first.
  std::size_t find_name(std::string_view name) {
    if (last_ < table_.size() && table_[last_].name == name) return last_;
    for (std::size_t row = 0; row < table_.size(); ++row) {
      if (table_[row].name == name) return last_ = row;
    }
    return kNone;
  }

  std::size_t find_letter(char letter) {
    if (last_ < table_.size() && table_[last_].letter == letter) return last_;
    for (std::size_t row = 0; row < table_.size(); ++row) {
      if (table_[row].letter == letter) return last_ = row;
    }
    return kNone;
  }

  void complain(std::string_view typed, std::string reason) {
    if (!wrong_) wrong_ = Error(cat("read ", typed), std::move(reason));
  }

  void refuse(const Lack& lack, const std::string& typed, bool has_value) {
    Error error(cat("use ", typed), std::string(lack.reason));
    if (!lack.hint.empty()) error = std::move(error).with_hint(std::string(lack.hint));
    scan_.unknown.push_back(std::move(error));
    if (lack.takes == Takes::kValue && !has_value && at_ < args_.size()) ++at_;
  }

  void refuse_unknown(std::string_view name) {
    std::vector<std::string_view> known;
    known.reserve(table_.size());
    for (const FlagInfo& flag : table_) known.push_back(flag.name);
    Error error(cat("use --", name), "unknown flag");
    const std::string_view meant = nearest(name, known);
    if (!meant.empty()) error = std::move(error).with_hint(cat("did you mean --", meant, "?"));
    scan_.unknown.push_back(std::move(error));
  }

  void refuse_letter(std::string_view arg, std::size_t at) {
    for (const Lack& lack : lacks_) {
      if (lack.letter != 0 && lack.letter == arg[at]) {
        return refuse(lack, cat('-', arg[at]), at + 1 < arg.size());
      }
    }
    const bool is_alone = arg.size() == 2 || static_cast<unsigned char>(arg[at]) > 0x7E;
    Error error(is_alone ? cat("use ", arg) : cat("use -", arg[at], " of ", arg), "unknown flag");
    if (find_name(arg.substr(1)) != kNone)
      error = std::move(error).with_hint(cat("did you mean -", arg, "?"));
    scan_.unknown.push_back(std::move(error));
  }

  std::span<const FlagInfo> table_;
  std::span<const Lack> lacks_;
  std::span<const std::string> args_;
  std::size_t at_ = 0;  // the argument after the one that is being read
  std::size_t last_ = kNone;
  Scan scan_;
  std::optional<Error> wrong_;  // the first one
};

}  // namespace

Result<Scan> scan(std::span<const FlagInfo> table, std::span<const Lack> lacks,
                  std::span<const std::string> args, Positionals positionals) {
  return Scanner(table, lacks, args).scan(positionals);
}

}  // namespace kelp::cli
