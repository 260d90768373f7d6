using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace HpcTrain.Bench.Parallel;

/// <summary>
/// Ten classes of 784 numbers, each class a mixture of a few centres in noise, so that a model has to learn for a while. Held-out samples are the same in each run.
/// </summary>
internal sealed class ClassificationTask
{
    private const int Features = 784, Classes = 10, Centres = 8, HeldOut = 2000;
    private const float Noise = 3.2f;
    private readonly float[] _centres = Normals(new Random(1), Classes * Centres * Features);

    public static Module<Tensor, Tensor> Model(long seed)
    {
        random.manual_seed(seed);
        return Sequential(("hidden", Linear(Features, 512)), ("relu", ReLU()), ("output", Linear(512, Classes)));
    }

    public (Tensor Input, Tensor Target) Batch(Random draws, int count)
    {
        var values = Normals(draws, count * Features);
        var targets = new long[count];
        for (var i = 0; i < count; i++)
        {
            var centre = draws.Next(Classes * Centres);
            targets[i] = centre % Classes;
            for (var j = 0; j < Features; j++)
            {
                values[(i * Features) + j] = (values[(i * Features) + j] * Noise) + _centres[(centre * Features) + j];
            }
        }

        return (tensor(values).view(count, Features), tensor(targets));
    }

    public double Accuracy(Module<Tensor, Tensor> model)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (input, target) = Batch(new Random(2), HeldOut);
        return 100.0 * model.call(input).argmax(1).eq(target).sum().item<long>() / HeldOut;
    }

    // Sums of uniform numbers are near enough, and fast.
    private static float[] Normals(Random draws, int count)
    {
        var values = new float[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = ((draws.NextSingle() + draws.NextSingle() + draws.NextSingle()) * 2) - 3;
        }

        return values;
    }
}
