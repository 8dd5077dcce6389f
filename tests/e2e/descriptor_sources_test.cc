// SPDX-License-Identifier: Apache-2.0
// Sources that are named through an open descriptor (/dev/fd/9), as shells write them: what it opens belongs
// to the mount namespace of the caller, and is found again by its path.
#include <sys/mman.h>
#include <unistd.h>

#include "e2e/container.h"

namespace kelp::harness {
namespace {

using testing::HasSubstr;

class DescriptorSource : public testing::Test {
 protected:
  DescriptorSource() {
    place_.file("tree/inner/file", "deep\n");
    place_.file("plain", "of the host\n");
    place_.dir("to");
  }
  // "$kelp", "$root" and "$place" are set.
  Outcome on_host(const std::string& script) const {
    return run({"bash", "-c", "kelp=$1 root=$2 place=$3; " + script, "bash", kelp_binary(), small_root(),
                place_.path()});
  }
  TempDir place_;
};

TEST_F(DescriptorSource, IsFoundByItsPath) {
  for (const char* name : {"/dev/fd/9", "/proc/self/fd/9", "/proc/thread-self/fd/9"}) {
    const std::string start = std::string("\"$kelp\" run -v ") + name;
    EXPECT_EQ(on_host(start + ":/x:create,ro \"$root\" cat /x 9<\"$place/plain\"").out, "of the host\n")
        << name;
    EXPECT_EQ(on_host(start + ":/mnt:ro \"$root\" cat /mnt/inner/file 9<\"$place/tree\"").out, "deep\n")
        << name;
    EXPECT_EQ(on_host(start + "/inner:/mnt \"$root\" cat /mnt/file 9<\"$place/tree\"").out, "deep\n") << name;
  }
  EXPECT_EQ(on_host("\"$kelp\" run -v /dev/stdin:/x:create \"$root\" cat /x <\"$place/plain\"").out,
            "of the host\n");
  EXPECT_EQ(on_host("\"$kelp\" run /dev/fd/9 echo in 9<\"$root\"").out, "in\n");
}

TEST_F(DescriptorSource, IsTakenInTheDialectToo) {
  const std::string start = "\"$kelp\" bwrap --ro-bind \"$root\" / --ro-bind ";
  EXPECT_EQ(on_host(start + "/dev/fd/9 /etc/group cat /etc/group 9<\"$place/plain\"").out, "of the host\n");
  EXPECT_EQ(on_host(start + "/proc/self/fd/9 /etc cat /etc/inner/file 9<\"$place/tree\"").out, "deep\n");
}

TEST_F(DescriptorSource, ThatIsGoneOrReplacedIsRefused) {
  const Outcome gone = on_host(
      "exec 9<\"$place/plain\"; rm \"$place/plain\"; echo other >\"$place/plain\"; "
      "\"$kelp\" run -v /dev/fd/9:/x:create \"$root\" cat /x");
  EXPECT_THAT(gone, CannotStart());
  const std::string deleted = "it leads to " + place_.path() + "/plain, which has been deleted";
  EXPECT_THAT(gone.err, HasSubstr("cannot share /dev/fd/9 (-v /dev/fd/9:/x:create): " + deleted));
  EXPECT_EQ(gone.out, "");
  // A file of the name that the link now has is still another one.
  const Outcome other = on_host(
      "exec 9<\"$place/plain\"; rm \"$place/plain\"; echo other >\"$place/plain (deleted)\"; "
      "\"$kelp\" run -v /dev/fd/9:/x:create \"$root\" cat /x");
  EXPECT_THAT(other, CannotStart());
  EXPECT_THAT(other.err, HasSubstr(deleted));
  // A file may be called so.
  EXPECT_EQ(on_host("echo mine >\"$place/x (deleted)\"; exec 9<\"$place/x (deleted)\"; "
                    "\"$kelp\" run -v /dev/fd/9:/x:create \"$root\" cat /x")
                .out,
            "mine\n");
}

TEST_F(DescriptorSource, ThatIsDeletedIsRefusedInWhateverPlace) {
  const std::string script =
      "exec 9<\"$place/tree\"; mv \"$place/tree\" \"$place/old\"; rm -r \"$place/old\"; ";
  const std::string deleted = "it leads to " + place_.path() + "/old, which has been deleted";
  EXPECT_EQ(on_host(script + "\"$kelp\" run /dev/fd/9 true").err,
            "kelp: cannot use /dev/fd/9 as the root file system: " + deleted + "\n");
  place_.file("tree/file", "");
  EXPECT_THAT(on_host(script + "\"$kelp\" bwrap --ro-bind \"$root\" / --ro-bind-fd 9 /mnt true").err,
              HasSubstr("Can't find source path /proc/self/fd/9: No such file or directory"));
}

TEST_F(DescriptorSource, InMemoryIsRefusedAndSaysSo) {
  const auto with_memory = [] {
    const int fd = ::memfd_create("what is held", 0);
    ::dup2(fd, 9);
  };
  const Outcome outcome = run({kelp_binary(), "run", "-v", "/dev/fd/9:/x:create", small_root(), "true"},
                              {.before_exec = with_memory});
  EXPECT_THAT(outcome, CannotStart());
  EXPECT_EQ(
      outcome.err,
      "kelp: cannot share /dev/fd/9 (-v /dev/fd/9:/x:create): it leads to the memfd 'what is held', which "
      "has no path\n");
}

TEST_F(DescriptorSource, MayBeSpelledWithMoreSlashesThanItNeeds) {
  for (const char* name : {"//dev/fd/9", "/dev/./fd/9", "/proc/self//fd/9"}) {
    const std::string start = std::string("\"$kelp\" run -v ") + name;
    EXPECT_EQ(on_host(start + ":/x:create,ro \"$root\" cat /x 9<\"$place/plain\"").out, "of the host\n")
        << name;
    EXPECT_THAT(on_host("echo x | " + start + ":/x:create \"$root\" cat /x 9<&0").err,
                HasSubstr(", which has no path"))
        << name;
  }
}

TEST_F(DescriptorSource, WithoutAPathIsRefusedAndSaysSo) {
  const Outcome outcome = on_host("echo x | \"$kelp\" run -v /dev/stdin:/x:create \"$root\" cat /x");
  EXPECT_THAT(outcome, CannotStart());
  EXPECT_THAT(outcome.err,
              testing::ContainsRegex(
                  "cannot share /dev/stdin \\(-v /dev/stdin:/x:create\\): it leads to pipe:.*, which "
                  "has no path"));
}

TEST_F(DescriptorSource, ThatIsClosedCanBeOptional) {
  EXPECT_EQ(on_host("\"$kelp\" run -v /dev/fd/9:/x:create,try \"$root\" echo on 9<&-").out, "on\n");
  EXPECT_THAT(on_host("\"$kelp\" run -v /dev/fd/9:/x:create \"$root\" true 9<&-").err,
              HasSubstr("cannot share /dev/fd/9 (-v /dev/fd/9:/x:create): No such file or directory"));
}

TEST_F(DescriptorSource, IsALinkForNofollow) {
  EXPECT_THAT(on_host("\"$kelp\" run -v /dev/fd/9:/x:create,nofollow \"$root\" true 9<\"$place/plain\"").err,
              HasSubstr("it is a symbolic link, and nofollow was asked for"));
}

}  // namespace
}  // namespace kelp::harness
