using System.Runtime.InteropServices;
using HpcTrain.Training.Replication;

namespace HpcTrain.Training.Tests.Replication;

public sealed unsafe partial class OverlaidTensorTests
{
    private const int ReadWrite = 3, SharedAnonymous = 0x21;

    [Test]
    public void Shared_memory_takes_the_place_of_the_tensors_pages_and_of_its_views([Values(1, 1024, 5000)] int length)
    {
        using var tensor = new OverlaidTensor(length);
        using var view = tensor.Values.narrow(0, length - 1, 1);
        Assert.That(tensor.Values.data<float>().ToArray(), Is.EqualTo(new float[length]));
        Assert.That(((nint)tensor.Pages % Environment.SystemPageSize, tensor.Bytes % Environment.SystemPageSize), Is.EqualTo(((nint)0, (nint)0)));

        using var shared = new SharedPages(tensor.Bytes);
        shared.Floats[length - 1] = 7;
        Assert.That(tensor.TryLayOver(shared.Address), Is.True);
        Assert.That(view.data<float>()[0], Is.EqualTo(7), "the tensor has the memory's values");
        view.add_(1);
        Assert.That(shared.Floats[length - 1], Is.EqualTo(8), "what is done to the tensor is done to the memory");

        using var other = new SharedPages(tensor.Bytes);
        other.Floats[length - 1] = 20;
        Assert.That(tensor.TryLayOver(other.Address), Is.True);
        Assert.That((view.data<float>()[0], shared.Floats[length - 1]), Is.EqualTo((20f, 8f)), "other memory can take its place");
    }

    [Test]
    public void Views_keep_their_values_in_ordinary_memory_afterwards()
    {
        using var shared = new SharedPages(1 << 16);
        TorchSharp.torch.Tensor view;
        using (var tensor = new OverlaidTensor(3000))
        {
            view = tensor.Values.narrow(0, 2999, 1);
            shared.Floats[2999] = 5;
            Assert.That(tensor.TryLayOver(shared.Address), Is.True);
        }

        shared.Floats[2999] = 6;
        Assert.That(view.data<float>()[0], Is.EqualTo(5));
        view.Dispose();
    }

    [Test]
    public void What_is_no_shared_memory_is_refused_and_changes_nothing()
    {
        using var tensor = new OverlaidTensor(10);
        tensor.Values.fill_(3);
        Assert.That(tensor.TryLayOver((void*)Environment.SystemPageSize), Is.False);
        Assert.That(tensor.Values.data<float>().ToArray(), Is.All.EqualTo(3));
    }

    /// <summary>Pages of a shared mapping.</summary>
    private sealed partial class SharedPages : IDisposable
    {
        private readonly nint _bytes;

        public SharedPages(nint bytes)
        {
            _bytes = bytes;
            Address = (void*)Map(0, bytes, ReadWrite, SharedAnonymous, -1, 0);
            Assert.That((nint)Address, Is.Not.EqualTo((nint)(-1)), "mmap");
        }

        public void* Address { get; }

        public Span<float> Floats => new(Address, (int)(_bytes / sizeof(float)));

        public void Dispose() => Unmap((nint)Address, _bytes);

        [LibraryImport("libc", EntryPoint = "mmap")]
        private static partial nint Map(nint address, nint length, int protection, int flags, int file, nint offset);

        [LibraryImport("libc", EntryPoint = "munmap")]
        private static partial void Unmap(nint address, nint length);
    }
}
