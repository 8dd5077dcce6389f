// SPDX-License-Identifier: Apache-2.0
// The verbs about containers that stay (`kelp run -d`, `kelp run --name`). args: what follows the verb; the
// result is kelp's exit status.
#pragma once

#include <span>
#include <string>

namespace kelp::verbs {

int exec(std::span<const std::string> args);
int ps(std::span<const std::string> args);
int logs(std::span<const std::string> args);
int stop(std::span<const std::string> args);
int kill(std::span<const std::string> args);
int wait(std::span<const std::string> args);
int inspect(std::span<const std::string> args);
int rm(std::span<const std::string> args);

}  // namespace kelp::verbs
