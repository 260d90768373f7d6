using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace HpcTrain.Training.Replication;

/// <summary>
/// A flat f32 tensor whose pages can be replaced by other memory, with the values kept. libtorch's public API takes no memory from outside, so the pages that it allocated
/// are exchanged: a second mapping of shared memory is laid over them (mremap(2) with an old size of 0). Views of the tensor, parameters and
/// their gradients among them, then live in memory that the neighbours see, and nothing is copied.
/// </summary>
internal sealed unsafe partial class OverlaidTensor : IDisposable
{
    private const int MayMove = 1, Fixed = 2; // MREMAP_*
    private const int ReadWrite = 3, PrivateAnonymousFixed = 0x32; // PROT_*, MAP_*

    private static readonly nint? _remapNumber = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 25,
        Architecture.Arm64 => 216,
        _ => null,
    };

    private readonly Tensor _whole;
    private bool _overlaid;

    /// <param name="length">Elements; zero at first.</param>
    public OverlaidTensor(int length)
    {
        var page = Environment.SystemPageSize;
        Bytes = ((nint)length * sizeof(float) + page - 1) / page * page;
        using var outside = NewDisposeScope();
        _whole = zeros((Bytes + page) / sizeof(float)).DetachFromDisposeScope();
        fixed (float* first = TensorMemory.Floats(_whole))
        {
            Pages = (byte*)(((nint)first + page - 1) / page * page);
            Values = _whole.narrow(0, (float*)Pages - first, length).DetachFromDisposeScope();
        }
    }

    /// <summary>The elements.</summary>
    public Tensor Values { get; }

    /// <summary>Whole pages that hold nothing else, as long as is needed for the elements.</summary>
    public nint Bytes { get; }

    /// <summary>Where they begin.</summary>
    public byte* Pages { get; }

    /// <summary>Lays shared memory over the tensor, which then has its values. Nobody may use the tensor meanwhile.</summary>
    /// <param name="memory">At a page, <see cref="Bytes"/> long, of a shared mapping; it must stay until this object is disposed of.</param>
    /// <returns>Whether the system does so; if not, nothing has changed.</returns>
    public bool TryLayOver(void* memory)
    {
        _overlaid = _remapNumber is { } remap && SystemCall(remap, (nint)memory, 0, Bytes, MayMove | Fixed, (nint)Pages) == (nint)Pages;
        return _overlaid;
    }

    /// <summary>Gives the tensor ordinary memory again, with the values that it has; views go on living.</summary>
    public void Dispose()
    {
        if (_overlaid)
        {
            _overlaid = false;
            var values = NativeMemory.Alloc((nuint)Bytes);
            Buffer.MemoryCopy(Pages, values, Bytes, Bytes);
            if (Map((nint)Pages, Bytes, ReadWrite, PrivateAnonymousFixed, -1, 0) == (nint)Pages)
            {
                Buffer.MemoryCopy(values, Pages, Bytes, Bytes);
            }

            NativeMemory.Free(values);
        }

        Values.Dispose();
        _whole.Dispose();
    }

    // Not mremap(3): UCX, which MPICH loads, puts one of four parameters in its place, which loses the address.
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint old, nint oldSize, nint newSize, nint flags, nint address);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nint length, int protection, int flags, int file, nint offset);
}
