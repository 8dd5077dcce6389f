// SPDX-License-Identifier: Apache-2.0
// Picks the verb.
int main() { return 0; }
