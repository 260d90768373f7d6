using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharpTests.Reference;

namespace TorchSharpTests.NN;

/// <summary>Files of models and tensors, in TorchSharp's own format.</summary>
public sealed class FileTests
{
    [Test]
    public void A_model_comes_back_from_a_file()
    {
        using var scope = NewDisposeScope();
        using var model = Example();
        using var copy = Example();
        using var folder = new TemporaryFolder();

        model.save(folder.File("model.dat"));
        copy.load(folder.File("model.dat"));

        Assert.That(Contents(copy), Is.EqualTo(Contents(model)));
    }

    [Test]
    public void A_file_of_the_real_TorchSharp_is_read_and_written_to_the_same_bytes()
    {
        // TorchSharp 0.107.0 wrote it, with the state that Fixed() makes.
        using var scope = NewDisposeScope();
        using var stream = Open("torchsharp-0.107.dat");
        using var original = new MemoryStream();
        stream.CopyTo(original);
        using var model = Example();

        model.load(new MemoryStream(original.ToArray()));
        using var written = new MemoryStream();
        model.save(written);

        Assert.Multiple(() =>
        {
            Assert.That(written.ToArray(), Is.EqualTo(original.ToArray()));
            Assert.That(Contents(model), Is.EqualTo(Contents(Fixed())));
        });
    }

    [Test]
    public void Loading_says_what_it_found_and_skips_what_it_should()
    {
        using var scope = NewDisposeScope();
        using var model = Fixed();
        using var other = Sequential(("conv", Conv2d(1, 2, 3)), ("more", Linear(2, 2)));
        var bias = Values(((TorchSharp.Modules.Conv2d)other[0]).bias!);
        using var file = new MemoryStream();
        model.save(new BinaryWriter(file));
        var found = new Dictionary<string, bool>();

        file.Position = 0;
        other.load(new BinaryReader(file), strict: false, skip: ["conv.bias"], loadedParameters: found);

        Assert.Multiple(() =>
        {
            Assert.That(found["conv.weight"], Is.True);
            Assert.That(found["norm.running_var"], Is.False);
            Assert.That(Values(other.get_parameter("conv.weight")!), Is.EqualTo(Values(model.get_parameter("conv.weight")!)));
            Assert.That(Values(other.get_parameter("conv.bias")!), Is.EqualTo(bias));
            Assert.That(file.Position, Is.EqualTo(file.Length));
        });
        file.Position = 0;
        Assert.That(() => other.load(new BinaryReader(file)), Throws.ArgumentException);
    }

    [Test]
    public void A_missing_file_and_a_wrong_shape_are_refused()
    {
        using var scope = NewDisposeScope();
        using var model = Linear(2, 2);
        using var wider = Linear(3, 2);
        using var file = new MemoryStream();
        model.save(new BinaryWriter(file));
        file.Position = 0;
        Assert.That(() => model.load("no/such/file"), Throws.InstanceOf<FileNotFoundException>());
        Assert.That(() => wider.load(new BinaryReader(file)), Throws.ArgumentException.With.Message.Contain("shape"));
        file.Position = 0;
        Assert.That(() => model.to(float64).load(new BinaryReader(file)), Throws.ArgumentException.With.Message.Contain("types"));
    }

    [Test]
    public void Entries_may_be_left_out_when_saving()
    {
        using var scope = NewDisposeScope();
        using var model = Linear(2, 2);
        using var file = new MemoryStream();
        model.save(new BinaryWriter(file), skip: ["bias"]);
        file.Position = 0;
        var found = new Dictionary<string, bool>();
        model.load(new BinaryReader(file), strict: false, loadedParameters: found);
        Assert.That(found.Keys, Is.EqualTo(new[] { "weight" }));
    }

    [Test]
    public void A_tensor_comes_back_from_a_stream()
    {
        using var scope = NewDisposeScope();
        var tensors = new[] { arange(6).reshape(2, 3), tensor(2.5), ones(0, 4), zeros(300, dtype: ScalarType.Bool), rand(4).to(bfloat16) };
        using var file = new MemoryStream();
        var writer = new BinaryWriter(file);
        foreach (var tensor in tensors) tensor.Save(writer);

        file.Position = 0;
        var reader = new BinaryReader(file);
        foreach (var tensor in tensors)
        {
            var read = TensorExtensionMethods.Load(reader);
            Assert.Multiple(() =>
            {
                Assert.That(read.dtype, Is.EqualTo(tensor.dtype));
                Assert.That(read.shape, Is.EqualTo(tensor.shape));
                Assert.That(Values(read), Is.EqualTo(Values(tensor)));
            });
        }
    }

    /// <summary>Parameters, buffers and an integer among them.</summary>
    private static TorchSharp.Modules.Sequential Example() => Sequential(("conv", Conv2d(1, 2, 3)), ("norm", BatchNorm2d(2)));

    private static TorchSharp.Modules.Sequential Fixed()
    {
        var model = Example();
        var place = 0;
        using var _ = no_grad();
        foreach (var (name, tensor) in model.state_dict())
        {
            if (name.EndsWith("tracked", StringComparison.Ordinal)) tensor.add_(300);
            else tensor.copy_(Wave(tensor.shape, place++));
        }

        return model;
    }

    private static Dictionary<string, double[]> Contents(Module module) =>
        module.state_dict().ToDictionary(entry => entry.Key, entry => Values(entry.Value));

    private sealed class TemporaryFolder : IDisposable
    {
        private readonly string _path = Directory.CreateTempSubdirectory("torchsharp-tests-").FullName;

        public string File(string name) => Path.Combine(_path, name);

        public void Dispose() => Directory.Delete(_path, recursive: true);
    }
}
