# SPDX-License-Identifier: Apache-2.0
# cmake -DPROGRAM=FILE -DOUTPUT=FILE -P embed.cmake: the bytes of a program as the inside of a C++ array.
file(READ ${PROGRAM} bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE ${OUTPUT} "${bytes}\n")
