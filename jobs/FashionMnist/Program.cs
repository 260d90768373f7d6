using CommandLine;
using HpcTrain.Data;
using HpcTrain.Kernels;
using HpcTrain.Training.Jobs;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

return TrainingJob.Run<Options>("fashion-mnist", args, (job, options) => new TrainingPlan
{
    Model = options.Model switch
    {
        ModelKind.Cnn => Models.Cnn(),
        _ => Models.Mlp(),
    },
    Loss = (output, label) => functional.cross_entropy(output, label),
    Training = job.Dataset("train"),
    Test = job.Dataset("test"),
    Input = new FieldTransform("image", ElementType.F32) { Scale = 1 / 255.0 / 0.353, Offset = -0.286 / 0.353 },
    Target = new FieldTransform("label", ElementType.I64),
    Optimizer = options.MakeOptimizer(),
    LearningRate = options.MakeSchedule(),
});

internal static class Models
{
    public static Module<Tensor, Tensor> Cnn() => Sequential(
        ("conv1", Conv2d(1, 32, kernel_size: 3, padding: 1)), ("relu1", ReLU()), ("pool1", MaxPool2d(2)),
        ("conv2", Conv2d(32, 64, kernel_size: 3, padding: 1)), ("relu2", ReLU()), ("pool2", MaxPool2d(2)),
        ("flatten", Flatten()),
        ("hidden", Linear(3136, 128)), ("relu3", ReLU()),
        ("output", Linear(128, 10)));

    public static Module<Tensor, Tensor> Mlp() => Sequential(
        ("flatten", Flatten()),
        ("hidden1", Linear(784, 2048)), ("relu1", ReLU()),
        ("hidden2", Linear(2048, 2048)), ("relu2", ReLU()),
        ("output", Linear(2048, 10)));
}

internal enum ModelKind
{
    Cnn,
    Mlp,
}

internal sealed class Options : TrainingOptions
{
    [Option("model", Default = ModelKind.Cnn, HelpText = "cnn (two convolutions) or mlp (784-2048-2048-10).")]
    public ModelKind Model { get; set; }
}
