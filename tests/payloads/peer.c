// SPDX-License-Identifier: Apache-2.0
// Either end of one short conversation over the network, in numbers only.
//   listen tcp|udp ADDRESS PORT WORD...   says "listening", answers each WORD in turn to whoever asks, and
//   ends ask tcp|udp ADDRESS PORT              says what is answered, or "no: " and the error, after 2 s at
//   most
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static int fail(const char* what) {
  printf("no: %s: %s\n", what, strerror(errno));
  return 1;
}

static socklen_t address_of(const char* text, const char* port, struct sockaddr_storage* out) {
  struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)atoi(port))};
  memset(out, 0, sizeof(*out));
  if (inet_pton(AF_INET, text, &four.sin_addr) == 1) {
    memcpy(out, &four, sizeof(four));
    return sizeof(four);
  }
  if (inet_pton(AF_INET6, text, &six.sin6_addr) != 1) return 0;
  memcpy(out, &six, sizeof(six));
  return sizeof(six);
}

static int answer_tcp(int fd, const char* word) {
  const int peer = accept(fd, NULL, NULL);
  if (peer < 0) return fail("accept");
  if (write(peer, word, strlen(word)) < 0) return fail("write");
  close(peer);
  return 0;
}

static int answer_udp(int fd, const char* word) {
  char question[16];
  struct sockaddr_storage from;
  socklen_t size = sizeof(from);
  if (recvfrom(fd, question, sizeof(question), 0, (struct sockaddr*)&from, &size) < 0) return fail("receive");
  if (sendto(fd, word, strlen(word), 0, (struct sockaddr*)&from, size) < 0) return fail("send");
  return 0;
}

static int listen_for(int is_tcp, int fd, const struct sockaddr_storage* address, socklen_t size,
                      char** words) {
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(fd, (const struct sockaddr*)address, size) != 0) return fail("bind");
  if (is_tcp && listen(fd, 4) != 0) return fail("listen");
  puts("listening");
  fflush(stdout);
  for (; *words != NULL; ++words) {
    if ((is_tcp ? answer_tcp : answer_udp)(fd, *words) != 0) return 1;
  }
  return 0;
}

static int ask(int is_tcp, int fd, const struct sockaddr_storage* address, socklen_t size) {
  const struct timeval patience = {.tv_sec = 2};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  if (connect(fd, (const struct sockaddr*)address, size) != 0) return fail("connect");
  if (!is_tcp && send(fd, "?", 1, 0) != 1) return fail("send");
  char answer[64];
  const ssize_t count = recv(fd, answer, sizeof(answer) - 1, 0);
  if (count < 0) return fail("receive");
  if (count == 0) {
    puts("no: the end");
    return 1;
  }
  printf("%.*s\n", (int)count, answer);
  return 0;
}

int main(int count, char** words) {
  struct sockaddr_storage address;
  if (count < 5) return 2;
  const int is_tcp = strcmp(words[2], "tcp") == 0;
  const socklen_t size = address_of(words[3], words[4], &address);
  if (size == 0) return 2;
  alarm(30);
  const int fd = socket(address.ss_family, is_tcp ? SOCK_STREAM : SOCK_DGRAM, 0);
  if (fd < 0) return fail("socket");
  if (strcmp(words[1], "ask") == 0) return ask(is_tcp, fd, &address, size);
  return listen_for(is_tcp, fd, &address, size, words + 5);
}
