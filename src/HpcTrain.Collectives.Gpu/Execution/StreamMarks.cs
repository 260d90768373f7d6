using HpcTrain.Collectives.Execution;
using HpcTrain.Kernels.Gpu.Memory;
using ILGPU.Runtime;

namespace HpcTrain.Collectives.Gpu.Execution;

/// <summary>Marks in a stream.</summary>
internal sealed class StreamMarks(Accelerator accelerator, AcceleratorStream stream, int count) : DeviceMarks
{
    private readonly StreamMarker[] _markers = [.. Enumerable.Range(0, count).Select(_ => new StreamMarker(accelerator))];

    public override void Set(int mark) => _markers[mark].Set(stream);

    public override bool IsReached(int mark) => _markers[mark].IsReached;

    public override void Dispose()
    {
        foreach (StreamMarker marker in _markers)
            marker.Dispose();
    }
}
