// SPDX-License-Identifier: Apache-2.0
// The commands of kelp-oci: each gives its exit status. Called by oci.cc alone.
#pragma once

#include "base/result.h"
#include "oci/arguments.h"
#include "verbs/oci_log.h"

namespace kelp::verbs {

struct OciCall {
  const oci::Arguments& arguments;
  const OciLog& log;
};

Result<int> oci_create(const OciCall& call);
Result<int> oci_start(const OciCall& call);
Result<int> oci_run(const OciCall& call);
Result<int> oci_exec(const OciCall& call);
Result<int> oci_state(const OciCall& call);
Result<int> oci_list(const OciCall& call);
Result<int> oci_kill(const OciCall& call);
Result<int> oci_delete(const OciCall& call);
Result<int> oci_ps(const OciCall& call);
Result<int> oci_pause(const OciCall& call);
Result<int> oci_resume(const OciCall& call);
Result<int> oci_update(const OciCall& call);
Result<int> oci_features(const OciCall& call);
Result<int> oci_spec(const OciCall& call);
Result<int> oci_events(const OciCall& call);

}  // namespace kelp::verbs
