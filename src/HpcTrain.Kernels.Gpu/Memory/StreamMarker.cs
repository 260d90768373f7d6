using System.Diagnostics;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;

namespace HpcTrain.Kernels.Gpu.Memory;

/// <summary>
/// A place in a stream, and whether the work before it is done: by an event on CUDA, which can be asked without waiting. The CPU accelerator
/// works before a call returns, so a marker on it is reached at once; on other accelerators <see cref="Set"/> waits for the
/// stream. One thread at a time.
/// </summary>
public sealed class StreamMarker : IDisposable
{
    private static readonly TimeSpan s_spinning = TimeSpan.FromMilliseconds(1);
    private readonly Accelerator _accelerator;
    private nint _event;
    private bool _pending;

    /// <summary>A marker that is reached.</summary>
    /// <param name="accelerator">The accelerator of the streams that it is set in; has to live longer.</param>
    public StreamMarker(Accelerator accelerator)
    {
        _accelerator = accelerator;
        if (accelerator is not CudaAccelerator) return;
        using var binding = accelerator.BindScoped();
        CudaException.ThrowIfFailed(CudaAPI.CurrentAPI.CreateEvent(out _event, CudaEventFlags.CU_EVENT_DISABLE_TIMING));
    }

    /// <summary>Whether all work is done that was queued before <see cref="Set"/>; true before it was ever set. Does not wait.</summary>
    /// <exception cref="CudaException">The device failed.</exception>
    public bool IsReached
    {
        get
        {
            if (!_pending) return true;
            using var binding = _accelerator.BindScoped();
            CudaError state = CudaAPI.CurrentAPI.QueryEvent(_event);
            if (state == CudaError.CUDA_ERROR_NOT_READY) return false;
            CudaException.ThrowIfFailed(state);
            _pending = false;
            return true;
        }
    }

    /// <summary>Moves the marker behind all that has been queued on a stream.</summary>
    /// <param name="stream">A stream of the marker's accelerator.</param>
    public void Set(AcceleratorStream stream)
    {
        if (_event == 0)
        {
            if (_accelerator is not CPUAccelerator) stream.Synchronize();
            return;
        }
        using var binding = _accelerator.BindScoped();
        CudaException.ThrowIfFailed(CudaAPI.CurrentAPI.RecordEvent(_event, ((CudaStream)stream).StreamPtr));
        _pending = true;
    }

    /// <summary>Waits until the marker is reached.</summary>
    /// <param name="timeout">The longest wait.</param>
    /// <param name="what">What is waited for, for the message: "the copy of ...".</param>
    /// <exception cref="TimeoutException">It was not reached in time.</exception>
    public void Wait(TimeSpan timeout, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!IsReached)
        {
            TimeSpan waited = Stopwatch.GetElapsedTime(start);
            if (waited > timeout)
                throw new TimeoutException($"{what} was not done on {_accelerator.Name} after {timeout.TotalSeconds:0.###} s.");
            if (waited > s_spinning) Thread.Sleep(0);
        }
    }

    /// <summary>Frees the event; the work goes on.</summary>
    public void Dispose()
    {
        if (_event == 0) return;
        using var binding = _accelerator.BindScoped();
        CudaException.ThrowIfFailed(CudaAPI.CurrentAPI.DestroyEvent(_event));
        (_event, _pending) = (0, false);
    }
}
