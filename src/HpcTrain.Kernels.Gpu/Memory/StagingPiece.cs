using ILGPU;
using ILGPU.Runtime;

namespace HpcTrain.Kernels.Gpu.Memory;

/// <summary>
/// One page-locked piece of host memory of a <see cref="PinnedStaging"/>. Copies are queued on the staging's stream, behind the kernels that
/// were queued there before; until <see cref="IsDone"/> the host leaves the piece alone.
/// </summary>
public sealed unsafe class StagingPiece : IDisposable
{
    private readonly PinnedStaging _staging;
    private readonly ArrayView<byte> _host;
    private readonly StreamMarker _marker;

    internal StagingPiece(PinnedStaging staging, ArrayView<byte> host)
    {
        _staging = staging;
        _host = host;
        _marker = new(staging.Accelerator);
        Pointer = (void*)host.LoadEffectiveAddressAsPtr();
    }

    /// <summary>The host memory, <see cref="PinnedStaging.PieceBytes"/> bytes, to send from or to receive into.</summary>
    public void* Pointer { get; }

    /// <summary>Whether the copy that was started last is done. Does not wait.</summary>
    public bool IsDone => _marker.IsReached;

    /// <summary>Starts copying device memory to the beginning of the piece.</summary>
    /// <param name="source">Memory of the staging's accelerator, up to <see cref="PinnedStaging.PieceBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The view is longer than the piece.</exception>
    /// <exception cref="InvalidOperationException">The copy before is not done.</exception>
    public void StartCopyOut(ArrayView<byte> source)
    {
        Check(source.Length);
        if (source.Length == 0) return;
        source.CopyTo(_staging.Stream, _host.SubView(0, source.Length));
        _marker.Set(_staging.Stream);
    }

    /// <summary>Starts copying the beginning of the piece to device memory. Kernels queued on the same stream afterwards find the data
    /// there; there is no need to wait for the copy first.</summary>
    /// <param name="destination">Memory of the staging's accelerator, up to <see cref="PinnedStaging.PieceBytes"/> bytes, written.</param>
    /// <exception cref="ArgumentException">The view is longer than the piece.</exception>
    /// <exception cref="InvalidOperationException">The copy before is not done.</exception>
    public void StartCopyIn(ArrayView<byte> destination)
    {
        Check(destination.Length);
        if (destination.Length == 0) return;
        destination.CopyFrom(_staging.Stream, _host.SubView(0, destination.Length));
        _marker.Set(_staging.Stream);
    }

    /// <summary>Starts copying runs of device memory to places in the piece; it is done when all of them are.</summary>
    /// <param name="parts">The runs, with memory of the staging's accelerator, which end within <see cref="PinnedStaging.PieceBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">A run ends behind the piece.</exception>
    /// <exception cref="InvalidOperationException">The copy before is not done.</exception>
    public void StartCopyOut(ReadOnlySpan<StagedPart> parts)
    {
        Check(parts);
        foreach (StagedPart part in parts)
            part.Device.CopyTo(_staging.Stream, _host.SubView(part.Offset, part.Device.Length));
        if (parts.Length > 0) _marker.Set(_staging.Stream);
    }

    /// <summary>Starts copying places in the piece to runs of device memory; it is done when all of them are.</summary>
    /// <param name="parts">The runs, with memory of the staging's accelerator, written; they end within <see cref="PinnedStaging.PieceBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">A run ends behind the piece.</exception>
    /// <exception cref="InvalidOperationException">The copy before is not done.</exception>
    public void StartCopyIn(ReadOnlySpan<StagedPart> parts)
    {
        Check(parts);
        foreach (StagedPart part in parts)
            part.Device.CopyFrom(_staging.Stream, _host.SubView(part.Offset, part.Device.Length));
        if (parts.Length > 0) _marker.Set(_staging.Stream);
    }

    /// <summary>Waits for the copy that was started last.</summary>
    /// <param name="timeout">The longest wait.</param>
    /// <exception cref="TimeoutException">It was not done in time.</exception>
    public void Wait(TimeSpan timeout) => _marker.Wait(timeout, "A copy between device memory and a staging piece");

    void IDisposable.Dispose() => _marker.Dispose();

    private void Check(ReadOnlySpan<StagedPart> parts)
    {
        long end = 0;
        foreach (StagedPart part in parts) end = Math.Max(end, part.Offset + part.Device.Length);
        Check(end);
    }

    private void Check(long bytes)
    {
        if (bytes > _staging.PieceBytes)
            throw new ArgumentException($"{bytes} bytes do not fit into a staging piece of {_staging.PieceBytes}; copy them in parts.");
        if (!IsDone)
            throw new InvalidOperationException("The staging piece is still being copied; wait until it is done, or take another.");
    }
}
