using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.optim.lr_scheduler;
using static TorchSharpTests.Reference;

namespace TorchSharpTests.Optim;

/// <summary>The rates of two groups over fourteen epochs are PyTorch's.</summary>
public sealed class SchedulerTests
{
    private static readonly Dictionary<string, Func<optim.Optimizer, LRScheduler>> Schedules = new()
    {
        ["StepLR"] = o => StepLR(o, 3, 0.5),
        ["MultiStepLR"] = o => MultiStepLR(o, [2, 5, 6], 0.3),
        ["ExponentialLR"] = o => ExponentialLR(o, 0.8),
        ["LinearLR"] = o => LinearLR(o, 0.2, 0.9, 6),
        ["CosineAnnealingLR"] = o => CosineAnnealingLR(o, 5, 0.01),
        ["LambdaLR"] = o => LambdaLR(o, epoch => 1.0 / (1 + epoch)),
    };

    private static IEnumerable<string> Names => Schedules.Keys;

    [TestCaseSource(nameof(Names))]
    public void Rates_are_PyTorchs(string name)
    {
        using var scope = NewDisposeScope();
        using var optimizer = TwoGroups();
        var schedule = Schedules[name](optimizer);
        var rates = new List<double>();

        for (var epoch = 0; epoch < 14; epoch++)
        {
            rates.AddRange(optimizer.ParamGroups.Select(group => group.LearningRate));
            Assert.That(schedule.get_last_lr(), Is.EqualTo(rates[^2..]));
            schedule.step();
        }

        Assert.That(rates, Is.EqualTo(Get("schedule." + name)).Within(1e-8));
    }

    [TestCaseSource(nameof(Names))]
    public void An_epoch_may_be_gone_to_directly(string name)
    {
        using var scope = NewDisposeScope();
        using var optimizer = TwoGroups();
        var schedule = Schedules[name](optimizer);

        schedule.step(4);

        Assert.That(schedule.get_last_lr(), Is.EqualTo(Get("schedule." + name)[8..10]).Within(1e-8));
    }

    private static SGD TwoGroups() => optim.SGD(
        [new SGD.ParamGroup([nn.Parameter(ones(1))], new SGD.Options()), new SGD.ParamGroup([nn.Parameter(ones(1))], lr: 0.4)], 0.2);
}
