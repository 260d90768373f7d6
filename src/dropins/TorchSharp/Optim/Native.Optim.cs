using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

// The functions of native/optim.cpp.
internal static unsafe partial class Native
{
    [LibraryImport(Library)]
    public static partial int ht_sgd_step(
        nint* parameters, nint* buffers, long count, double lr, double momentum, double dampening, double weightDecay,
        int nesterov, int maximize);

    [LibraryImport(Library)]
    public static partial int ht_adam_step(
        nint* parameters, nint* means, nint* squares, nint* largest, long* steps, long count, double lr, double beta1,
        double beta2, double eps, double weightDecay, int decoupled, int maximize);

    [LibraryImport(Library)] public static partial int ht_zero_gradients(nint* parameters, long count);
}
