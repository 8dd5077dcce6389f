// SPDX-License-Identifier: Apache-2.0
// The filter of root emulation, tried in user space on every architecture: what it pretends, and that it says
// nothing of anything else.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <set>

#include "unit/filter_abis.h"

namespace kelp::filters {
namespace {

constexpr std::uint32_t kPretended = SECCOMP_RET_ERRNO | 0;
constexpr auto kFake = BuiltInFilter::kFakeRoot;

// Numbers of the kernel's tables.
struct Calls {
  const Abi& abi;
  std::set<std::uint32_t> pretended;
  std::uint32_t mknod;  // 0: there is none
  std::uint32_t mknodat;
  std::vector<std::uint32_t> truly;  // setfsuid, setfsgid, getuid, chmod or fchmod, capget
};
const Calls kCalls[] = {
    {.abi = kAbis[0],
     .pretended = {92, 93, 94, 260, 105, 106, 113, 114, 116, 117, 119, 126},
     .mknod = 133,
     .mknodat = 259,
     .truly = {122, 123, 102, 90, 125}},
    {.abi = kAbis[1],
     .pretended = {16, 95,  182, 198, 207, 212, 298, 23,  46,  70,  71,
                   81, 164, 170, 203, 204, 206, 208, 210, 213, 214, 185},
     .mknod = 14,
     .mknodat = 297,
     .truly = {138, 139, 24, 15, 184, 215, 216}},
    {.abi = kAbis[2],
     .pretended = {54, 55, 143, 144, 145, 146, 147, 149, 159, 91},
     .mknod = 0,
     .mknodat = 33,
     .truly = {151, 152, 174, 52, 90}},
};

TEST(FakeRootFilter, PretendsTheFamiliesAndNothingElse) {
  for (const Calls& calls : kCalls) {
    std::set<std::uint32_t> got;
    for (std::uint32_t number = 0; number < 600; ++number) {
      const std::uint32_t said = of(kFake, calls.abi, number, {1, 2, 3, 4});
      EXPECT_THAT(said, testing::AnyOf(kPretended, kAllowed)) << calls.abi.name << " " << number;
      if (said == kPretended) got.insert(number);
    }
    EXPECT_EQ(got, calls.pretended) << calls.abi.name;
    for (const std::uint32_t number : calls.truly)
      EXPECT_EQ(of(kFake, calls.abi, number), kAllowed) << calls.abi.name << " " << number;
  }
}

TEST(FakeRootFilter, PretendsDeviceNodesOnly) {
  const std::uint64_t device = makedev(1, 3);
  for (const Calls& calls : kCalls) {
    const auto make = [&](std::uint64_t mode, std::uint64_t number) {
      const std::uint32_t at = of(kFake, calls.abi, calls.mknodat, {0, 0, mode, number});
      if (calls.mknod != 0) {
        EXPECT_EQ(of(kFake, calls.abi, calls.mknod, {0, mode, number}), at);
      }
      return at;
    };
    for (const std::uint64_t high : {0ULL, 0x10000ULL, 0xFFFFFFFF00000000ULL}) {
      EXPECT_EQ(make(high | S_IFCHR | 0666, device), kPretended) << calls.abi.name;
      EXPECT_EQ(make(high | S_IFBLK | 0660, device), kPretended) << calls.abi.name;
      for (const unsigned type : {S_IFIFO + 0U, S_IFSOCK + 0U, S_IFREG + 0U, S_IFDIR + 0U, S_IFLNK + 0U, 0U})
        EXPECT_EQ(make(high | type | 0644, device), kAllowed) << calls.abi.name << " " << type;
    }
    EXPECT_EQ(make(S_IFCHR, 0), kAllowed) << "a whiteout, which anybody may make";
  }
}

TEST(FakeRootFilter, AnswersX32AsX8664) {
  for (std::uint32_t number = 0; number < 600; ++number) {
    EXPECT_EQ(of(kFake, kAbis[0], kX32 | number, {0, S_IFCHR, 1}),
              of(kFake, kAbis[0], number, {0, S_IFCHR, 1}))
        << number;
  }
}

TEST(FakeRootFilter, SaysNothingOfOtherArchitectures) {
  for (const Machine machine : {Machine::kX86, Machine::kAarch64}) {
    for (const std::uint32_t token : {0U, AUDIT_ARCH_ARM + 0U, AUDIT_ARCH_S390X + 0U}) {
      const auto code = code_of(kFake, machine);
      EXPECT_EQ(evaluate(code, Call{.architecture = token, .number = 92}).answer, kAllowed);
    }
  }
}

TEST(FakeRootFilter, IsShort) {
  for (const Abi& abi : kAbis) {
    EXPECT_LE(run(kFake, abi, abi.read).steps, 12) << abi.name;
    EXPECT_LE(code_of(kFake, abi.machine).size(), 160U) << abi.name;
  }
}

}  // namespace
}  // namespace kelp::filters
