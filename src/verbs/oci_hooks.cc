// SPDX-License-Identifier: Apache-2.0
// Hooks that are a command's own to run; see oci_hooks.h.
#include "verbs/oci_hooks.h"

#include "base/text.h"
#include "oci/config.h"
#include "sys/hook.h"
#include "verbs/oci_bundle.h"

namespace kelp::verbs {
namespace {

Status run_one(const Hook& hook, const std::string& document) {
  Status done = sys::run_hook(
      {.path = hook.path, .args = hook.args, .environment = hook.environment, .timeout_s = hook.timeout_s},
      {document, {}, {}});
  if (done) return done;
  return std::move(done.error()).after(hook.origin.text);
}

}  // namespace

oci::State state_of(const state::Record& record, std::string status, pid_t pid) {
  return {.version = record.oci_version,
          .id = record.id,
          .status = std::move(status),
          .pid = pid,
          .bundle = record.bundle,
          .annotations = {record.annotations.begin(), record.annotations.end()}};
}

Result<Hooks> saved_hooks(const state::Entry& entry, const state::Record& record, std::string_view kind) {
  const Result<std::string> text = entry.read_config();
  if (!text) return text.error();
  if (text->find(kind) == std::string::npos) return Hooks();
  const Result<oci::Surroundings> around = surroundings_of_machine(record.bundle, record.id);
  if (!around) return around.error();
  Result<oci::Config> config = oci::read_config(*text, *around);
  if (!config) return config.error();
  return std::move(config->spec.hooks);
}

Status run_hooks(const std::vector<Hook>& hooks, const oci::State& state) {
  if (hooks.empty()) return {};
  const std::string document = oci::state_document(state);
  for (const Hook& hook : hooks) {
    if (Status s = run_one(hook, document); !s) return s;
  }
  return {};
}

std::vector<std::string> run_all_hooks(const std::vector<Hook>& hooks, const oci::State& state) {
  std::vector<std::string> failures;
  if (hooks.empty()) return failures;
  const std::string document = oci::state_document(state);
  for (const Hook& hook : hooks) {
    if (const Status done = run_one(hook, document); !done) failures.push_back(done.error().sentence());
  }
  return failures;
}

}  // namespace kelp::verbs
