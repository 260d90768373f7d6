// Process-wide state: memory policy, threads, random number generators, versions.
#include "shim.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <torch/version.h>

#include <malloc.h>

#include <cstdlib>
#include <cstring>
#include <mutex>

using GeneratorHandle = c10::GeneratorImpl*;

namespace {

at::Generator borrow_generator(GeneratorHandle handle) {
  return at::Generator(c10::intrusive_ptr<c10::GeneratorImpl>::unsafe_reclaim_from_nonowning(handle));
}

}  // namespace

// libtorch takes every activation and gradient from malloc and gives it back within the step. glibc serves
// blocks beyond a threshold by mmap and returns the top of the heap at once, so each step would fault the
// same pages in again. Keep them instead: no mmap up to glibc's maximum of 32 MiB, and no trimming below
// 1 GiB. HPCTRAIN_TORCH_MALLOC=system leaves malloc as it is.
HT_API void ht_initialise() {
#if defined(__GLIBC__)
  const char* wish = std::getenv("HPCTRAIN_TORCH_MALLOC");
  if (wish == nullptr || std::strcmp(wish, "system") != 0) {
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    mallopt(M_TOP_PAD, 64 << 20);
  }
#endif
}

HT_API const char* ht_version() { return TORCH_VERSION; }

HT_API int32_t ht_num_threads() { return at::get_num_threads(); }

HT_API int32_t ht_set_num_threads(int32_t count) {
  return shim::guarded<int32_t>(-1, [&] {
    at::set_num_threads(count);
    return 0;
  });
}

HT_API int32_t ht_num_interop_threads() { return static_cast<int32_t>(at::get_num_interop_threads()); }

HT_API int32_t ht_set_num_interop_threads(int32_t count) {
  return shim::guarded<int32_t>(-1, [&] {
    at::set_num_interop_threads(count);
    return 0;
  });
}

HT_API int32_t ht_cuda_device_count() { return static_cast<int32_t>(at::getNumGPUs()); }

// The default generators of every device.
HT_API void ht_manual_seed(int64_t seed) { at::manual_seed(static_cast<uint64_t>(seed)); }

HT_API GeneratorHandle ht_default_generator() {
  return at::Generator(at::detail::getDefaultCPUGenerator()).unsafeReleaseGeneratorImpl();
}

HT_API GeneratorHandle ht_new_generator(uint64_t seed) {
  return shim::guarded<GeneratorHandle>(
      nullptr, [&] { return at::detail::createCPUGenerator(seed).unsafeReleaseGeneratorImpl(); });
}

HT_API void ht_generator_free(GeneratorHandle handle) { c10::intrusive_ptr<c10::GeneratorImpl>::reclaim(handle); }

HT_API int64_t ht_generator_initial_seed(GeneratorHandle handle) { return static_cast<int64_t>(handle->current_seed()); }

HT_API void ht_generator_manual_seed(GeneratorHandle handle, int64_t seed) {
  auto generator = borrow_generator(handle);
  std::lock_guard<std::mutex> lock(generator.mutex());
  generator.set_current_seed(static_cast<uint64_t>(seed));
}

// A new seed from the system's entropy.
HT_API int64_t ht_generator_seed(GeneratorHandle handle) {
  auto generator = borrow_generator(handle);
  std::lock_guard<std::mutex> lock(generator.mutex());
  return static_cast<int64_t>(generator.seed());
}

HT_API Handle ht_generator_state(GeneratorHandle handle) {
  return shim::guarded<Handle>(nullptr, [&] {
    auto generator = borrow_generator(handle);
    std::lock_guard<std::mutex> lock(generator.mutex());
    return shim::release(generator.get_state());
  });
}

HT_API int32_t ht_generator_set_state(GeneratorHandle handle, Handle state) {
  return shim::guarded<int32_t>(-1, [&] {
    auto generator = borrow_generator(handle);
    std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_state(shim::borrow(state));
    return 0;
  });
}
