// SPDX-License-Identifier: Apache-2.0
// A verb that takes several containers; see stay_each.h.
#include "verbs/stay_each.h"

#include "verbs/print.h"
#include "verbs/user_store.h"

namespace kelp::verbs {

int for_each(cli::StayVerb verb, std::span<const std::string> args, const OfEach& act) {
  const Result<cli::StayRequest> request = cli::read_stay(verb, args);
  if (!request) return print_error(request.error());
  if (request->help) return print_out(cli::stay_help(verb));
  const Result<state::Store> store = open_user_store(kOfRun);
  if (!store) return print_error(store.error());
  int status = 0;
  for (const std::string& name : request->names) {
    const Result<int> done = act(*store, *request, name);
    const int one = done ? *done : print_error(done.error());
    if (one != 0) status = one;
  }
  return status;
}

}  // namespace kelp::verbs
