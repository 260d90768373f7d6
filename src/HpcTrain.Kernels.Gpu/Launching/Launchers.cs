using HpcTrain.Kernels.Gpu.Loops;
using ILGPU;
using ILGPU.Runtime;

namespace HpcTrain.Kernels.Gpu.Launching;

/// <summary>Queues a <see cref="DeviceLoops.Fold"/>.</summary>
internal delegate void FoldLauncher(
    AcceleratorStream stream, KernelConfig grid, ArrayView<byte> destination, ArrayView<byte> first, SourceViews others, int otherCount, long count);

/// <summary>Queues a <see cref="DeviceLoops.Map"/> or <see cref="DeviceLoops.ScaleIntegers"/>.</summary>
internal delegate void MapLauncher(
    AcceleratorStream stream, KernelConfig grid, ArrayView<byte> destination, ArrayView<byte> source, double operand, long count);

/// <summary>Queues a <see cref="DeviceLoops.Cast"/>.</summary>
internal delegate void CastLauncher(AcceleratorStream stream, KernelConfig grid, ArrayView<byte> destination, ArrayView<byte> source, long count);

/// <summary>Queues a <see cref="DeviceLoops.Fill"/>.</summary>
internal delegate void FillLauncher(AcceleratorStream stream, KernelConfig grid, ArrayView<byte> destination, double value, long count);
