# Cross compiling for aarch64 with Debian's g++-aarch64-linux-gnu: a check that nothing in core assumes an x86 processor (preset aarch64). Headers of
# libraries are the host's, which are the same for every processor; nothing is linked.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_CXX_FLAGS_INIT "-idirafter /usr/include")
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_LIBRARY_ARCHITECTURE x86_64-linux-gnu)
