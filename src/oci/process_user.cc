// SPDX-License-Identifier: Apache-2.0
// process.user: ids only, names are for those who write the file (config.md, "User").
#include "base/text.h"
#include "formats/json_reader.h"
#include "oci/process.h"

namespace kelp::oci {
namespace {

constexpr std::uint64_t kMostUmask = 0777;

}  // namespace

void read_user(const Section& process, Command& command) {
  command.groups = Groups::kListed;
  command.user = {.user = Id{0}, .group = Id{0}};
  const Section user = process.object("user");
  if (!user) return;
  command.user = {.user = static_cast<Id>(user.number("uid", kMaxId).value_or(0)),
                  .group = static_cast<Id>(user.number("gid", kMaxId).value_or(0)),
                  .origin = {user.path()}};
  if (const auto umask = user.number("umask", kMostUmask)) command.umask = static_cast<std::uint32_t>(*umask);
  command.groups_origin = {user.path_of("additionalGids")};
  const Json* groups = user.value("additionalGids");
  if (groups == nullptr) return;
  if (!groups->is_array()) return user.refuse("additionalGids", "it is no list");
  for (std::size_t i = 0; i < groups->size(); ++i) {
    const Json& one = (*groups)[i];
    if (one.is_number_unsigned() && one.get<std::uint64_t>() <= kMaxId) {
      command.listed_groups.push_back(one.get<Id>());
    } else {
      user.refuse("additionalGids", i, cat("it is no id from 0 to ", kMaxId));
    }
  }
}

}  // namespace kelp::oci
