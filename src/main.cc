// SPDX-License-Identifier: Apache-2.0
// Picks the verb. What a verb does is in verbs/.
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "verbs/bwrap.h"
#include "verbs/called.h"
#include "verbs/doctor.h"
#include "verbs/oci.h"
#include "verbs/print.h"
#include "verbs/rootfs.h"
#include "verbs/run.h"
#include "verbs/self.h"
#include "verbs/stay_verbs.h"
#include "verbs/unshare.h"

namespace {

using Args = std::span<const std::string>;

struct Verb {
  std::string_view name;
  int (*run)(Args);
};

constexpr std::array kVerbs = {Verb{"run", kelp::verbs::run},       Verb{"exec", kelp::verbs::exec},
                               Verb{"ps", kelp::verbs::ps},         Verb{"logs", kelp::verbs::logs},
                               Verb{"stop", kelp::verbs::stop},     Verb{"kill", kelp::verbs::kill},
                               Verb{"wait", kelp::verbs::wait},     Verb{"inspect", kelp::verbs::inspect},
                               Verb{"rm", kelp::verbs::rm},         Verb{"unshare", kelp::verbs::unshare},
                               Verb{"rootfs", kelp::verbs::rootfs}, Verb{"doctor", kelp::verbs::doctor},
                               Verb{"bwrap", kelp::verbs::bwrap},   Verb{"oci", kelp::verbs::oci}};

// By which name the program is called, or its file, which sandboxed programs start again by /proc/self/exe.
struct Dialect {
  std::string_view name;
  int (*run)(Args);
  int (*refuse)(const kelp::Error&);  // why kelp cannot run at all, in the words of the dialect
};

constexpr std::array kDialects = {Dialect{"bwrap", kelp::verbs::bwrap, kelp::verbs::refuse_as_bwrap},
                                  Dialect{"kelp-oci", kelp::verbs::oci, kelp::verbs::refuse_as_oci}};

const Dialect* dialect_of(const char* argv0) {
  for (const Dialect& dialect : kDialects) {
    if (kelp::verbs::is_called(argv0, dialect.name)) return &dialect;
  }
  return nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  const Dialect* const dialect = dialect_of(argv[0]);
  if (const kelp::Status ready = kelp::verbs::prepare(argv); !ready)
    return dialect != nullptr ? dialect->refuse(ready.error()) : kelp::verbs::print_error(ready.error());
  const std::vector<std::string> args(argv, argv + argc);
  if (dialect != nullptr) return dialect->run(Args(args).subspan(args.empty() ? 0 : 1));
  const std::string_view name = args.size() > 1 ? std::string_view(args[1]) : std::string_view();
  for (const Verb& verb : kVerbs) {
    if (verb.name == name) return verb.run(Args(args).subspan(2));
  }
  return kelp::verbs::about(Args(args).subspan(args.empty() ? 0 : 1));
}
