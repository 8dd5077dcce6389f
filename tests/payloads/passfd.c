// SPDX-License-Identifier: Apache-2.0
// passfd DIRECTORY SOCKET: sends a descriptor of the directory to who listens at the socket, and ends.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const int directory = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const int link = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_un there = {.sun_family = AF_UNIX};
  strncpy(there.sun_path, argv[2], sizeof there.sun_path - 1);
  if (directory < 0 || link < 0 || connect(link, (struct sockaddr*)&there, sizeof there) != 0) {
    perror(argv[2]);
    return 1;
  }
  char byte = 'd';
  struct iovec data = {.iov_base = &byte, .iov_len = 1};
  union {
    struct cmsghdr head;
    char room[CMSG_SPACE(sizeof(int))];
  } control;
  memset(&control, 0, sizeof control);
  struct msghdr message = {
      .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  struct cmsghdr* const part = CMSG_FIRSTHDR(&message);
  part->cmsg_level = SOL_SOCKET;
  part->cmsg_type = SCM_RIGHTS;
  part->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(part), &directory, sizeof directory);
  return sendmsg(link, &message, 0) == 1 ? 0 : 1;
}
