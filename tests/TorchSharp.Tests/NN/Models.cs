using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace TorchSharpTests.NN;

// Models as users of TorchSharp write them: they must compile and run unchanged with the real package.

/// <summary>Layers in fields, a forward method of calls.</summary>
internal sealed class DigitModel : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> conv1 = Conv2d(1, 32, 3);
    private readonly Module<Tensor, Tensor> conv2 = Conv2d(32, 64, 3);
    private readonly Module<Tensor, Tensor> fc1 = Linear(9216, 128);
    private readonly Module<Tensor, Tensor> fc2 = Linear(128, 10);
    private readonly Module<Tensor, Tensor> pool1 = MaxPool2d(kernel_size: new long[] { 2, 2 });
    private readonly Module<Tensor, Tensor> relu1 = ReLU();
    private readonly Module<Tensor, Tensor> relu2 = ReLU();
    private readonly Module<Tensor, Tensor> relu3 = ReLU();
    private readonly Module<Tensor, Tensor> dropout1 = Dropout(0.25);
    private readonly Module<Tensor, Tensor> dropout2 = Dropout(0.5);
    private readonly Module<Tensor, Tensor> flatten = Flatten();
    private readonly Module<Tensor, Tensor> logsm = LogSoftmax(1);

    public DigitModel(string name, Device? device = null) : base(name)
    {
        RegisterComponents();
        if (device is not null) _to(device.type, device.index, false);
    }

    public override Tensor forward(Tensor input)
    {
        using var l11 = conv1.call(input);
        using var l12 = relu1.call(l11);
        using var l21 = conv2.call(l12);
        using var l22 = relu2.call(l21);
        using var l23 = pool1.call(l22);
        using var l24 = dropout1.call(l23);
        using var x = flatten.call(l24);
        using var l31 = fc1.call(x);
        using var l32 = relu3.call(l31);
        using var l33 = dropout2.call(l32);
        using var l41 = fc2.call(l33);
        return logsm.call(l41);
    }
}

/// <summary>Named sequences with in-place activations, and what lies between them in the forward method.</summary>
internal sealed class PictureModel : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> features;
    private readonly Module<Tensor, Tensor> avgPool;
    private readonly Module<Tensor, Tensor> classifier;

    public PictureModel(string name, int numClasses) : base(name)
    {
        features = Sequential(
            ("c1", Conv2d(3, 64, kernel_size: 3, stride: 2, padding: 1)),
            ("r1", ReLU(inplace: true)),
            ("mp1", MaxPool2d(kernel_size: new long[] { 2, 2 })),
            ("c2", Conv2d(64, 192, kernel_size: 3, padding: 1)),
            ("r2", ReLU(inplace: true)),
            ("mp2", MaxPool2d(kernel_size: new long[] { 2, 2 })),
            ("c3", Conv2d(192, 384, kernel_size: 3, padding: 1)),
            ("r3", ReLU(inplace: true)),
            ("mp3", MaxPool2d(kernel_size: new long[] { 2, 2 })));
        avgPool = AdaptiveAvgPool2d(new long[] { 2, 2 });
        classifier = Sequential(
            ("d1", Dropout()),
            ("l1", Linear(384 * 2 * 2, 256)),
            ("r1", ReLU(inplace: true)),
            ("d2", Dropout()),
            ("l3", Linear(256, numClasses)));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var f = features.call(input);
        using var avg = avgPool.call(f);
        using var x = avg.view(new long[] { avg.shape[0], 384 * 2 * 2 });
        return classifier.call(x);
    }
}

/// <summary>A residual block, with a shortcut that is there or not.</summary>
internal sealed class Residual : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> layers;
    private readonly Module<Tensor, Tensor> shortcut;

    public Residual(long inPlanes, long planes, long stride) : base(nameof(Residual))
    {
        layers = Sequential(
            ("conv1", Conv2d(inPlanes, planes, 3, stride: stride, padding: 1, bias: false)),
            ("bn1", BatchNorm2d(planes)),
            ("relu", ReLU(inplace: true)),
            ("conv2", Conv2d(planes, planes, 3, padding: 1, bias: false)),
            ("bn2", BatchNorm2d(planes)));
        var modules = new List<(string, Module<Tensor, Tensor>)>();
        if (stride != 1 || inPlanes != planes)
        {
            modules.Add(("conv", Conv2d(inPlanes, planes, 1, stride: stride, bias: false)));
            modules.Add(("bn", BatchNorm2d(planes)));
        }

        shortcut = Sequential(modules);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var main = layers.call(input);
        using var side = shortcut.call(input);
        using var sum = main.add_(side);
        return relu(sum);
    }
}

/// <summary>
/// A character model: embeddings, attention with a mask, a list of blocks, two inputs, a buffer and a bare parameter.
/// </summary>
internal sealed class CharacterModel : Module<Tensor, Tensor, Tensor>
{
    private readonly Embedding token;
    private readonly Parameter position;
    private readonly Tensor causal;
    private readonly ModuleList<Module<Tensor, Tensor>> blocks;
    private readonly LayerNorm norm;
    private readonly Linear head;

    public CharacterModel(long symbols, long width, long length) : base(nameof(CharacterModel))
    {
        token = Embedding(symbols, width);
        position = Parameter(zeros(length, width));
        causal = ones(length, length).tril();
        blocks = ModuleList<Module<Tensor, Tensor>>(
            Sequential(LayerNorm(width), Linear(width, 4 * width), GELU(), Linear(4 * width, width)),
            Sequential(LayerNorm(width), Linear(width, width), SiLU(), Dropout(0.1)));
        norm = LayerNorm(new long[] { width });
        head = Linear(width, symbols, hasBias: false);
        RegisterComponents();
    }

    public override Tensor forward(Tensor symbols, Tensor scale)
    {
        using var scope = NewDisposeScope();
        var x = token.call(symbols) + position;
        var scores = x.matmul(x.transpose(-2, -1)) * scale;
        scores = scores.masked_fill(causal == 0, float.NegativeInfinity);
        x = x + softmax(scores, -1).matmul(x);
        foreach (var block in blocks) x = x + block.call(x);
        return head.call(norm.call(x)).MoveToOuterDisposeScope();
    }
}
