using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace HpcTrain.Kernels.Gpu.Memory;

/// <summary>
/// Page-locked host memory through which device buffers travel when MPI cannot read device memory itself. It is cut in pieces: while one is
/// being copied by the device, the host sends, receives or copies others. Only page-locked memory is copied by the device without the help
/// of the host. All copies are queued on one stream, in the order of the calls; given the stream of the <see cref="DeviceKernels"/>, they are
/// in order with the kernels too. One thread at a time.
/// <code>
/// using var staging = new PinnedStaging(accelerator, pieceBytes: 1 &lt;&lt; 20, pieces: 4, kernels.Stream);
/// staging[0].StartCopyOut(gradients.SubView(0, 1 &lt;&lt; 20));    // behind the kernels that compute them
/// staging[0].Wait(TimeSpan.FromSeconds(30));                // or poll IsDone
/// communicator.Send(staging[0].Pointer, ...);
/// ...
/// staging[1].StartCopyIn(received);                         // what MPI has received into staging[1].Pointer
/// kernels.Reduce(ElementType.BF16, ReduceOp.Sum, gradients.SubView(offset, bytes), received, count);
/// </code>
/// </summary>
public sealed unsafe class PinnedStaging : IDisposable
{
    private const int PageBytes = 4096;
    private readonly byte* _memory;
    private readonly PageLockScope<byte> _lock;
    private readonly CPUMemoryBuffer _buffer;
    private readonly StagingPiece[] _pieces;
    private bool _disposed;

    /// <summary>Allocates and locks the memory.</summary>
    /// <param name="accelerator">The accelerator whose memory is copied; has to live longer.</param>
    /// <param name="pieceBytes">The size of a piece; rounded up to whole pages.</param>
    /// <param name="pieces">The number of pieces; two are enough to overlap a copy with a message.</param>
    /// <param name="stream">The stream that copies are queued on; the accelerator's default stream if null. Not disposed here.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size or a number below 1.</exception>
    public PinnedStaging(Accelerator accelerator, long pieceBytes, int pieces, AcceleratorStream? stream = null)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        ArgumentOutOfRangeException.ThrowIfLessThan(pieceBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(pieces, 1);
        Accelerator = accelerator;
        Stream = stream ?? accelerator.DefaultStream;
        PieceBytes = (pieceBytes + PageBytes - 1) / PageBytes * PageBytes;
        long bytes = checked(PieceBytes * pieces);
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, PageBytes);
        try
        {
            _lock = accelerator.CreatePageLockFromPinned<byte>((nint)_memory, bytes);
        }
        catch
        {
            NativeMemory.AlignedFree(_memory);
            throw;
        }
        _buffer = CPUMemoryBuffer.Create(accelerator, (nint)_memory, bytes, 1);
        _pieces = [.. Enumerable.Range(0, pieces).Select(p => new StagingPiece(this, _buffer.AsRawArrayView(p * PieceBytes, PieceBytes)))];
    }

    /// <summary>The accelerator whose memory is copied.</summary>
    public Accelerator Accelerator { get; }

    /// <summary>The stream that copies are queued on.</summary>
    public AcceleratorStream Stream { get; }

    /// <summary>The size of a piece in bytes.</summary>
    public long PieceBytes { get; }

    /// <summary>The number of pieces.</summary>
    public int Count => _pieces.Length;

    /// <summary>A piece.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    public StagingPiece this[int index] => _pieces[index];

    /// <summary>
    /// Copies device memory to any host memory, through all pieces in turn: while the device fills the next ones, the host empties one.
    /// </summary>
    /// <param name="source">Memory of the accelerator, of any length.</param>
    /// <param name="destination">As many bytes of host memory, written.</param>
    /// <param name="timeout">The longest wait for a piece.</param>
    /// <exception cref="TimeoutException">A copy was not done in time.</exception>
    public void CopyOut(ArrayView<byte> source, void* destination, TimeSpan timeout)
    {
        long started = 0;
        for (long done = 0; done < source.Length; done += PieceBytes)
        {
            for (; started < source.Length && started < done + PieceBytes * Count; started += PieceBytes)
                PieceAt(started).StartCopyOut(Part(source, started));
            StagingPiece piece = PieceAt(done);
            piece.Wait(timeout);
            HostKernels.Copy((byte*)destination + done, piece.Pointer, (nint)Part(source, done).Length);
        }
    }

    /// <summary>Copies any host memory to device memory, through all pieces in turn. The last copies are only queued when it returns: kernels queued
    /// on the same stream find the data, and the host memory may be used again.</summary>
    /// <param name="source">As many bytes of host memory as the destination has.</param>
    /// <param name="destination">Memory of the accelerator, of any length, written.</param>
    /// <param name="timeout">The longest wait for a piece.</param>
    /// <exception cref="TimeoutException">A copy was not done in time.</exception>
    public void CopyIn(void* source, ArrayView<byte> destination, TimeSpan timeout)
    {
        for (long done = 0; done < destination.Length; done += PieceBytes)
        {
            StagingPiece piece = PieceAt(done);
            piece.Wait(timeout);
            ArrayView<byte> part = Part(destination, done);
            HostKernels.Copy(piece.Pointer, (byte*)source + done, (nint)part.Length);
            piece.StartCopyIn(part);
        }
    }

    /// <summary>Frees the memory; waits for the copies that are still queued.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        if (_pieces.Any(p => !p.IsDone)) Stream.Synchronize();
        foreach (IDisposable piece in _pieces) piece.Dispose();
        _buffer.Dispose();
        _lock.Dispose();
        NativeMemory.AlignedFree(_memory);
    }

    private StagingPiece PieceAt(long offset) => _pieces[offset / PieceBytes % Count];

    private ArrayView<byte> Part(ArrayView<byte> view, long offset) => view.SubView(offset, Math.Min(PieceBytes, view.Length - offset));
}
