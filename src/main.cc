// SPDX-License-Identifier: Apache-2.0
// Picks the verb. What a verb does is in verbs/.
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "verbs/bwrap.h"
#include "verbs/doctor.h"
#include "verbs/print.h"
#include "verbs/rootfs.h"
#include "verbs/run.h"
#include "verbs/self.h"
#include "verbs/unshare.h"

namespace {

using Args = std::span<const std::string>;

struct Verb {
  std::string_view name;
  int (*run)(Args);
};

constexpr std::array kVerbs = {Verb{"run", kelp::verbs::run}, Verb{"unshare", kelp::verbs::unshare},
                               Verb{"rootfs", kelp::verbs::rootfs}, Verb{"doctor", kelp::verbs::doctor},
                               Verb{"bwrap", kelp::verbs::bwrap}};

}  // namespace

int main(int argc, char** argv) {
  const bool is_bwrap = kelp::verbs::is_called_bwrap(argv[0]);
  if (const kelp::Status ready = kelp::verbs::prepare(argv); !ready) {
    if (is_bwrap) return kelp::verbs::refuse_as_bwrap(ready.error());
    return kelp::verbs::print_error(ready.error());
  }
  const std::vector<std::string> args(argv, argv + argc);
  if (is_bwrap) return kelp::verbs::bwrap(Args(args).subspan(args.empty() ? 0 : 1));
  const std::string_view name = args.size() > 1 ? std::string_view(args[1]) : std::string_view();
  for (const Verb& verb : kVerbs) {
    if (verb.name == name) return verb.run(Args(args).subspan(2));
  }
  return kelp::verbs::about(Args(args).subspan(args.empty() ? 0 : 1));
}
