using HpcTrain.Collectives.Gpu.Execution;
using HpcTrain.Collectives.Gpu.Staging;
using HpcTrain.Kernels;
using HpcTrain.Kernels.Gpu;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;

namespace HpcTrain.Collectives.Gpu;

/// <summary>
/// The collectives of a <see cref="CollectiveCommunicator"/> on memory of an ILGPU accelerator, with the bits of the same call on the host. Each works behind
/// what is queued on the stream of the kernels when it is called; when it is done, its memory may be used on any stream.
/// </summary>
/// <remarks>
/// <para>All ranks call the same operations in the same order. Calls come from one thread at a time, the communicator's. While one of these operations is
/// under way, nothing else is called on the communicator: ranks would start host collectives in different orders. Make a second one for that.</para>
/// <para>Checked on ILGPU's CPU accelerator; not yet run on a GPU.</para>
/// </remarks>
public sealed unsafe partial class DeviceCollectives : IDisposable
{
    internal const string PointersName = "device pointers";
    internal const string StagingName = "pinned staging";

    private readonly CollectiveCommunicator _communicator;
    private readonly DeviceKernels _kernels;
    private readonly AcceleratorDevice _device;
    private readonly StagedPipeline? _pipeline;
    private bool _disposed;

    /// <summary>Agrees with the other ranks on how device buffers travel. A collective call.</summary>
    /// <param name="communicator">The ranks; it stays the caller's, and has to live longer.</param>
    /// <param name="kernels">The kernels of the accelerator whose memory is used; they stay the caller's, and have to live longer.</param>
    /// <param name="options">The same on all ranks, but for the number of pieces.</param>
    /// <exception cref="ScheduleException">A path that is not possible, or ranks with different options.</exception>
    /// <exception cref="NotSupportedException">An accelerator whose memory has no addresses, such as an OpenCL device.</exception>
    public DeviceCollectives(CollectiveCommunicator communicator, DeviceKernels kernels, DeviceOptions? options = null)
    {
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.PieceBytes, 4096);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Pieces, 1);
        (_communicator, _kernels) = (communicator, kernels);
        Path = Agree(options);
        _device = new(kernels);
        if (Path == DevicePath.PinnedStaging)
            _pipeline = new(communicator, kernels, _device, options.PieceBytes, options.Pieces);
    }

    /// <summary>How device buffers travel here: never <see cref="DevicePath.Auto"/>.</summary>
    public DevicePath Path { get; }

    /// <summary>Starts a collective.</summary>
    /// <param name="call">What, on which memory: addresses of the accelerator, aligned to their elements, not to be touched until the request is done.</param>
    /// <param name="options">How; by default the algorithm is chosen by length and rank count.</param>
    /// <exception cref="ScheduleException">Unknown algorithm, a call that makes no sense, or an operation of the communicator failed.</exception>
    public DeviceRequest Start(in CollectiveCall call, CollectiveOptions? options = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (call.Collective == CollectiveKind.Barrier)
            throw new ScheduleException("A barrier has no device memory; call the communicator's.");
        options ??= CollectiveOptions.Default;
        return _pipeline == null
            ? new(_communicator.Start(in call, options, _device))
            : new(_pipeline, _pipeline.Start(in call, options));
    }

    /// <summary>Does a collective: <see cref="Start"/> and <see cref="DeviceRequest.Wait"/>.</summary>
    /// <param name="call">What, on which memory: addresses of the accelerator, aligned to their elements.</param>
    /// <param name="options">How; by default the algorithm is chosen by length and rank count.</param>
    /// <returns>What ran; its path is <c>device pointers</c> or <c>pinned staging</c>.</returns>
    /// <exception cref="ScheduleException">Unknown algorithm, a peer that does not answer, or ranks that do not call the same.</exception>
    public CollectiveResult Run(in CollectiveCall call, CollectiveOptions? options = null) => Start(in call, options).Wait();

    /// <summary>Completes what is under way, then frees what is kept. An operation that stalls is given up, in silence: the request tells when it is
    /// waited for.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _pipeline?.Dispose();
        _communicator.Forget(_device);
        _device.Dispose();
    }

    /// <summary>The address of a view.</summary>
    private void* At<T>(ArrayView<T> view, string name)
        where T : unmanaged
    {
        if (view.Length == 0)
            return null;
        if (view.GetAccelerator() != _kernels.Accelerator)
            throw new ArgumentException($"The view lies in memory of {view.GetAccelerator().Name}; these collectives work on {_kernels.Accelerator.Name}.", name);
        return (void*)view.LoadEffectiveAddressAsPtr();
    }

    private DevicePath Agree(DeviceOptions options)
    {
        // The CPU accelerator's memory is the host's, which every transport takes; but nothing speaks for it, so it is used on request only.
        bool prefersPointers = _kernels.Accelerator is CudaAccelerator && _communicator.TakesCudaMemory;
        bool takesPointers = prefersPointers || _kernels.Accelerator is CPUAccelerator;
        Span<long> least = [takesPointers ? 1 : 0, prefersPointers ? 1 : 0, (long)options.Path, -(long)options.Path, options.PieceBytes, -options.PieceBytes];
        _communicator.AllReduce(least, ReduceOp.Min);
        if (least[2] != -least[3] || least[4] != -least[5])
            throw new ScheduleException($"Rank {_communicator.Rank}: the ranks have different {nameof(DeviceOptions)}; give all the same path and piece length.");
        if (options.Path == DevicePath.DevicePointers && least[0] == 0)
        {
            string where = takesPointers ? "on another rank" : $"on rank {_communicator.Rank} with {_kernels.Description}";
            throw new ScheduleException(
                $"Device buffers cannot travel as device pointers: {where} MPI does not take the accelerator's memory; use a CUDA-aware MPI "
                + $"(hpctrain info says which is) and a CUDA device, or {nameof(DevicePath)}.{nameof(DevicePath.PinnedStaging)}.");
        }

        return options.Path != DevicePath.Auto ? options.Path : least[1] == 1 ? DevicePath.DevicePointers : DevicePath.PinnedStaging;
    }
}
