// SPDX-License-Identifier: Apache-2.0
// Root emulation that keeps what it pretended (--fake-root=consistent): stat agrees, within a run and in the
// next. Each has its control: in the simple mode stat tells the truth.
#include <filesystem>

#include "e2e/kept_root.h"

namespace kelp::harness {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using FakeRootKept = KeptRoot;

TEST_F(FakeRootKept, OwnersAndModesAreShownInThisRunAndInTheNext) {
  const std::string script =
      "echo text >/f; mkdir /d; chown 33:42 /f; chown 5 /d; chgrp 6 /d; chmod 2751 /d; chmod 4640 /f; ";
  const std::string look = "stat -c '%u:%g %a %F' /f /d; cat /f";
  const std::string expected = "33:42 4640 regular file\n5:6 2751 directory\ntext\n";
  const Outcome outcome = in(script + look);
  EXPECT_EQ(outcome.out, expected) << outcome.err;
  EXPECT_EQ(in(look).out, expected) << "the next run";
  EXPECT_EQ(simply(look).out, "0:0 4640 regular file\n0:0 2751 directory\ntext\n") << "the truth";
  EXPECT_FALSE(fs::exists(beside())) << "files carry it themselves";
}

TEST_F(FakeRootKept, NothingIsKeptOfWhatIsTrue) {
  EXPECT_EQ(in("echo >/f; chown 33 /f; chown 0:0 /f; stat -c %u:%g /f").out, "0:0\n");
  EXPECT_EQ(in("stat -c %u:%g /f; chmod 600 /f; ln -s f /l; chown -h 0:0 /l").out, "0:0\n");
  EXPECT_FALSE(fs::exists(beside()));
}

TEST_F(FakeRootKept, AChangeOfOwnerTakesTheSetuidBit) {
  const Outcome outcome =
      in("cp /bin/busybox /s; chmod 6755 /s; chown 33 /s; stat -c %a /s; chmod u+s /s; stat -c '%a %u' /s");
  EXPECT_EQ(outcome.out, "755\n4755 33\n") << outcome.err;
  EXPECT_EQ(simply("stat -c %a /s").out, "4755\n") << "truly, too";
}

TEST_F(FakeRootKept, AlsoOfFilesThatRefuseToBeWritten) {
  const Outcome outcome =
      in("echo >/f; chmod 0444 /f; chown 33 /f; chmod 0 /f; chown :7 /f; stat -c '%u:%g %a' /f");
  EXPECT_EQ(outcome.out, "33:7 0\n") << outcome.err;
  EXPECT_EQ(in("chown 34 /f; stat -c '%u:%g %a' /f", {"--cap-drop=all"}).out, "34:7 0\n");
}

TEST_F(FakeRootKept, EveryCallAgrees) {
  const Outcome outcome = with("owners",
                               "echo >/f; chown 33:42 /f; ln -s f /l; chown -h 5:6 /l; mknod /b b 8 1; "
                               "/payload show /f; /payload show /l; /payload show /b");
  for (const char* way :
       {"stat", "lstat", "fstat", "newfstatat", "newfstatat-empty", "statx", "statx-empty"}) {
    const std::string name = std::string("\n") + way;
    const std::string out = "\n" + outcome.out;
    EXPECT_THAT(out, HasSubstr(name + ": 33:42 100644 0,0\n"));
    if (std::string(way) != "stat") {
      EXPECT_THAT(out, HasSubstr(name + ": 5:6 120777 0,0\n"));
    }
    EXPECT_THAT(out, HasSubstr(name + ": 0:0 60644 8,1\n"));
  }
}

TEST_F(FakeRootKept, ByADescriptorAlsoOfAFileThatIsGone) {
  const Outcome outcome = with("owners", "echo >/f; /payload open /f; ls /f");
  EXPECT_EQ(outcome.out, "fstat: 7:8 100644 0,0\n");
}

TEST_F(FakeRootKept, ThroughLinksToTheCallersOwnDescriptors) {
  const Outcome outcome =
      in("echo >/f; mkfifo /p; chown 33 /f /p; exec 4</f 5<>/p; chmod 640 /proc/self/fd/5; "
         "chown 35 /dev/fd/4; chown 36 /dev/stdout >/o; stat -c '%u %a' /f /p /o; "
         "stat -L -c %u /dev/fd/4");
  EXPECT_EQ(outcome.out, "35 644\n33 640\n36 644\n35\n") << outcome.err;
}

TEST_F(FakeRootKept, OfHardLinksAndRenamedFiles) {
  const std::string look = "stat -c '%u %n' /tmp/*";
  EXPECT_EQ(in("cd /tmp; echo >a; chown 33 a; ln a b; mv a c; ln -s x s; chown -h 34 s; mv s t; " + look).out,
            "33 /tmp/b\n33 /tmp/c\n34 /tmp/t\n");
  fs::create_directory(root + "/keep");
  EXPECT_EQ(in("cd /keep; ln -s x s; chown -h 34 s; mv s t; mkfifo p; chown 7 p; ln p q").status, 0);
  EXPECT_EQ(in("stat -c '%u %n' /keep/*").out, "7 /keep/p\n7 /keep/q\n34 /keep/t\n");
}

TEST_F(FakeRootKept, DevicesAreShownAsSuch) {
  const std::string look = "stat -c '%u:%g %a %F %t:%T' /c /b";
  const std::string expected = "0:0 620 character special file 1:3\n0:6 660 block special file 8:11\n";
  const Outcome outcome = in("umask 007; mknod -m 620 /c c 1 3; mknod /b b 8 17; chown 0:6 /b; " + look);
  EXPECT_EQ(outcome.out, expected) << outcome.err;
  EXPECT_EQ(in(look + "; test -c /c && test -b /b && echo yes").out, expected + "yes\n");
  EXPECT_EQ(simply("stat -c '%a %F' /c").out, "620 regular empty file\n") << "the truth";
  EXPECT_EQ(in("rm /c; ls /c; mknod /b c 1 3 || echo refused").out, "refused\n")
      << "there is something already";
  EXPECT_EQ(in("mkdir /t; cd /t; mknod c c 1 3 && mknod ../t/d c 1 5; mknod no/c c 1 3; ls").out, "c\nd\n");
}

TEST_F(FakeRootKept, LinksFifosAndSocketsAreKeptBesideTheRoot) {
  const std::string make =
      "ln -s f /l; chown -h 33:42 /l; mkfifo /p; chown 34 /p; chmod 620 /p; /payload socket /s; chown 35:7 "
      "/s; ";
  const std::string look = "stat -c '%u:%g %a %F' /l /p /s";
  const std::string expected = "33:42 777 symbolic link\n34:0 620 fifo\n35:7 600 socket\n";
  EXPECT_EQ(with("owners", make + look).out, expected);
  EXPECT_TRUE(fs::exists(beside()));
  EXPECT_EQ(in(look).out, expected) << "the next run";
  EXPECT_EQ(in("chmod 600 /p; stat -c %a /p").out, "600\n");
  EXPECT_EQ(in("stat -c '%u %a' /p").out, "34 600\n");
  EXPECT_EQ(simply("stat -c %u:%g /l /p /s").out, "0:0\n0:0\n0:0\n") << "the truth";
}

TEST_F(FakeRootKept, WhatLiesBesideTheRootCountsBelowAnOverlayToo) {
  EXPECT_EQ(in("mkfifo /p; chown 34 /p; chmod 600 /p").status, 0);
  const Outcome outcome = in("stat -c '%u:%g %a %F' /p", {"--overlay"});
  EXPECT_EQ(outcome.out, "34:0 600 fifo\n") << outcome.err;
}

TEST_F(FakeRootKept, WhoseInodeIsGivenToAnotherFileHasNoOwnerLeft) {
  // The next inode of a file system is often the one that was freed last.
  const Outcome outcome =
      in("i=0; while [ $i -lt 50 ]; do ln -s x /l; chown -h 33 /l; rm /l; mkfifo /p; "
         "stat -c %u /p; rm /p; i=$((i + 1)); done | sort -u");
  EXPECT_EQ(outcome.out, "0\n") << outcome.err;
}

TEST_F(FakeRootKept, WhatTheCallerSeesIsMeant) {
  EXPECT_EQ(
      in("mkdir -p /new/bin /new/d; cp /bin/busybox /new/bin; echo >/f; echo >/new/f; ln -s /f /new/d/l; "
         "chroot /new /bin/busybox chown 33 /d/l; stat -c %u /f /new/f; "
         "chroot /new /bin/busybox sh -c 'cd /d; busybox stat -L -c %u l; busybox chown 34 ../../../f; "
         "busybox stat -c %u /f'; stat -c %u /f; cd /new; chown 35 d/../f; stat -c %u f ./d/../f")
          .out,
      "0\n33\n33\n34\n0\n35\n35\n");
}

TEST_F(FakeRootKept, TarPacksAndUnpacksWhatWasPretended) {
  const Outcome outcome = in(
      "cd /tmp; mkdir t; echo >t/f; ln -s f t/l; mknod t/c c 1 3; chown 33:42 t/f t/c; chown -h 34:43 t/l; "
      "chmod 4755 t/f; tar -cf t.tar t; tar -tvf t.tar; mkdir o; tar -C o -xf t.tar; "
      "stat -c '%u:%g %t:%T %a %F' o/t/c o/t/f");
  EXPECT_THAT(outcome.out, HasSubstr("-rwsr-xr-x 33/42")) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("lrwxrwxrwx 34/43"));
  EXPECT_THAT(outcome.out, HasSubstr("crw-r--r-- 33/42"));
  // Busybox gives no link its owner; Packages.ShowTheirOwners has a tar that does.
  EXPECT_THAT(outcome.out, HasSubstr("33:42 1:3 644 character special file\n33:42 0:0 4755 regular file\n"));
}

TEST_F(FakeRootKept, ErrorsAreThoseOfTheKernel) {
  const Outcome outcome =
      with("owners", "echo >/f; chown 33 /no; chown 33 /f/x; cd /f; /payload edges /f; ls -ln /f");
  EXPECT_THAT(outcome.err, HasSubstr("/no: No such file"));
  EXPECT_THAT(outcome.err, HasSubstr("/f/x: Not a directory"));
  EXPECT_THAT(outcome.out, HasSubstr("at the end: done\nwithout an end: Bad address\nnowhere: Bad address\n"
                                     "empty: No such file or directory\nshown nowhere: Bad address\n"));
  EXPECT_THAT(in("chown 33 /f; stat -c %u /f", {"--read-only"}).err, HasSubstr("Read-only file system"));
}

// What would be kept beside ROOT is a change of it all the same.
TEST_F(FakeRootKept, LinksAndFifosOfAReadOnlyMountKeepTheirOwners) {
  const std::string change = "chown -h 33 /l || echo refused; chown 33 /p || echo refused";
  EXPECT_EQ(in("ln -s x /l; mkfifo /p").status, 0);
  EXPECT_EQ(in(change, {"--read-only"}).out, "refused\nrefused\n");
  EXPECT_FALSE(fs::exists(beside()));
  EXPECT_EQ(in(change + "; stat -c %u /l /p").out, "33\n33\n") << "the control";
}

// Its supervisor would else keep the mount busy.
TEST_F(FakeRootKept, AMountThatACallerStoodInCanBeUnmounted) {
  EXPECT_EQ(in("mkdir /m; mount -t tmpfs t /m; mkdir /m/bin; cp /bin/busybox /m/bin; "
               "chroot /m /bin/busybox chown 33 /bin; stat -c %u /m/bin; umount /m && echo gone",
               {"--cap-add=sys_admin"})
                .out,
            "33\ngone\n");
}

TEST_F(FakeRootKept, OfManyThreadsAtOnce) {
  EXPECT_EQ(with("owners", "mkdir /d; /payload threads 8 /d").out, "wrong: 0\n");
}

TEST_F(FakeRootKept, TwoContainersOnOneRootAgree) {
  Running other(
      {kelp_binary(), "run", "--userns=single", "--fake-root=consistent", root, "sh", "-c",
       "ln -s x /a; chown -h 33 /a; echo ready; until [ -e /go ]; do sleep 0.05; done; stat -c %u /b"},
      {});
  ASSERT_TRUE(other.wait_for_output("ready"));
  EXPECT_EQ(in("ln -s x /b; chown -h 34 /b; stat -c %u /a; echo >/go").out, "33\n");
  EXPECT_EQ(other.finish().out, "ready\n34\n");
}

}  // namespace
}  // namespace kelp::harness
