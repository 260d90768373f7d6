using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A source of random numbers; the CPU has a default one that every operator uses unless told otherwise.</summary>
    public class Generator : IDisposable
    {
        private nint _handle;

        public Generator(ulong seed = 0, Device? device = null)
        {
            this.device = device ?? CPU;
            if (this.device.type != DeviceType.CPU)
                throw new NotSupportedException($"A generator for device '{this.device}' is not supported: use the CPU's.");
            _handle = Native.CheckHandle(Native.ht_new_generator(seed));
        }

        private Generator(nint handle)
        {
            device = CPU;
            _handle = handle;
        }

        ~Generator() => Dispose(false);

        public static Generator Default { get; } = new(Native.ht_default_generator());

        public Device device { get; }

        public nint Handle => _handle != 0 ? _handle : throw new InvalidOperationException("Generator invalid -- empty handle.");

        public Tensor get_state() => new(Native.CheckHandle(Native.ht_generator_state(Handle)));

        public void set_state(Tensor value)
        {
            Native.Check(Native.ht_generator_set_state(Handle, value.Handle));
            GC.KeepAlive(value);
        }

        public Generator manual_seed(long seed)
        {
            Native.ht_generator_manual_seed(Handle, seed);
            return this;
        }

        /// <summary>Seeds from the system's entropy and returns the seed.</summary>
        public long seed() => Native.ht_generator_seed(Handle);

        public long initial_seed() => Native.ht_generator_initial_seed(Handle);

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (_handle == 0) return;
            Native.ht_generator_free(_handle);
            _handle = 0;
        }
    }
}
