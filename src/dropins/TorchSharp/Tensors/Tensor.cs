using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>
    /// A libtorch tensor. It owns one reference to the native tensor, which <see cref="Dispose()"/>, the dispose scope it
    /// was created in, or the finalizer gives back, whichever comes first.
    /// </summary>
    public partial class Tensor : IDisposable
    {
        private static long _totalCount;
        private static long _peakCount;

        private nint _handle;

        internal Tensor(nint handle, bool register = true)
        {
            _handle = handle;
            var total = Interlocked.Increment(ref _totalCount);
            // Racing threads may lose a peak that lasts for an instant, as upstream's count does.
            if (total > _peakCount) _peakCount = total;
            if (register) DisposeScopeManager.ThreadSingleton.Register(this);
            ForgottenTensors.Watch(total);
        }

        private Tensor() => GC.SuppressFinalize(this);

        ~Tensor() => Dispose(false);

        /// <summary>Tensors that are alive in the process.</summary>
        public static long TotalCount => _totalCount;

        /// <summary>The most that were ever alive.</summary>
        public static long PeakCount => _peakCount;

        public string? name { get; set; }

        public bool IsInvalid => _handle == 0;

        public nint Handle => _handle != 0 ? _handle : throw new InvalidOperationException("Tensor invalid -- empty handle.");

        internal DisposeScope? OwningDisposeScope { get; set; }

        internal int PlaceInScope { get; set; }

        /// <summary>Stands for no tensor where upstream gives no null; it counts nowhere.</summary>
        internal static Tensor Invalid() => new();

        public static Tensor UnsafeCreateTensor(nint handle) => new(handle);

        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

        public Tensor MoveToOtherDisposeScope(DisposeScope? other)
        {
            if (OwningDisposeScope is { } scope) scope.MoveToOther(other, this);
            else other?.Attach(this);
            return this;
        }

        /// <summary>Hands the native reference to the caller; this object becomes invalid.</summary>
        public nint DecoupleFromNativeHandle()
        {
            var handle = Handle;
            GC.SuppressFinalize(this);
            OwningDisposeScope?.MarkAsDisposed(this);
            Interlocked.Decrement(ref _totalCount);
            _handle = 0;
            return handle;
        }

        public override bool Equals(object? obj) => obj is Tensor other && Equals(other);

        public override int GetHashCode() => base.GetHashCode();

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            var handle = Interlocked.Exchange(ref _handle, 0);
            if (handle == 0) return;
            // A finalizer runs on its own thread, after the scope has become garbage too: it leaves scopes and counts alone.
            if (disposing)
            {
                DisposeScopeManager.ThreadSingleton.CountDisposal(this);
                OwningDisposeScope?.Remove(this);
            }

            Interlocked.Decrement(ref _totalCount);
            Native.ht_tensor_free(handle);
        }

        /// <summary>Another object on the same native tensor, with its own reference.</summary>
        internal Tensor Share()
        {
            var handle = Native.ht_tensor_share(Handle);
            GC.KeepAlive(this);
            return new Tensor(handle);
        }

        /// <summary>Takes over another object's native tensor; that object becomes invalid.</summary>
        internal void TakeHandleOf(Tensor other)
        {
            var handle = other.DecoupleFromNativeHandle();
            var old = Interlocked.Exchange(ref _handle, handle);
            // `other` was counted once more than it owns now.
            if (old != 0) Native.ht_tensor_free(old);
            else Interlocked.Increment(ref _totalCount);
        }
    }
}
