using System.Globalization;
using System.Text;
using CommandLine;
using HpcTrain.Benchmarking;
using HpcTrain.CommandLine;
using HpcTrain.Drawing;
using HpcTrain.Pipelines;

namespace HpcTrain.Cli.Pipeline;

/// <summary><c>hpctrain pipeline plan</c>.</summary>
internal static class PlanCommand
{
    public static int Run(string[] args)
    {
        if (OptionParser.Parse<PlanCommandOptions>(
                "hpctrain pipeline plan",
                "Cut a model into stages: contiguous layers, the slowest rank as fast as can be, every rank within the memory limit. The profile is a JSON file with a line per\n" +
                "layer: {\"format\": \"hpctrain-profile\", \"version\": 1, \"layers\": [{\"name\": \"embedding\", \"forward_ms\": 0.4, \"backward_ms\": 0.6,\n" +
                "\"activation_bytes\": 1048576, \"parameter_bytes\": 131072, \"output_bytes\": 1048576}, ...]}, all for one micro-batch.", args,
                "Examples:\n" +
                "  hpctrain pipeline plan --profile profile.json --stages 4\n" +
                "  hpctrain pipeline plan --profile profile.json --stages 4 --chunks 2 --micro-batches 16 --memory-limit 2G --json plan.json") is not { } options)
            return ExitCodes.Ok;
        OutputFiles.Check(("the plan", options.Json));
        var request = options.Request();
        var plan = options.Cut is { } cut ? PipelinePartitioner.ByHand(request, PlanCommandOptions.Cuts(cut)) : PipelinePartitioner.Plan(request);
        Console.Out.Write(Profile(request.Profile));
        Console.Out.Write(Cut(plan, options.Cut is null ? "the best found" : "cut by hand"));
        Console.Out.Write(Step(plan));
        OutputFiles.Write("the plan", options.Json, plan.Cut.ToJson);
        return ExitCodes.Ok;
    }

    private static string Profile(LayerProfile profile)
    {
        var name = Math.Max("layer".Length, profile.Layers.Max(layer => layer.Name.Length));
        var text = new StringBuilder($"   #  {"layer".PadRight(name)}   forward  backward   activations    parameters\n");
        foreach (var (number, layer) in profile.Layers.Index())
        {
            text.Append(CultureInfo.InvariantCulture,
                $"{number,4}  {layer.Name.PadRight(name)}  {Unit.Seconds.Format(layer.Forward),8}  {Unit.Seconds.Format(layer.Backward),8}"
                + $"  {ByteSize.Rounded(layer.ActivationBytes),12}  {ByteSize.Rounded(layer.ParameterBytes),12}\n");
        }
        return text.ToString();
    }

    private static string Cut(PipelinePartition plan, string origin)
    {
        var schedule = plan.Request.Schedule;
        var text = new StringBuilder($"\n{PlanTitle(plan)}\nrank      time   of slowest        memory  layers\n");
        var slowest = plan.RankSeconds.Max();
        for (var rank = 0; rank < schedule.Stages; rank++)
        {
            var layers = schedule.ChunksOf[rank].Select(chunk => plan.Cuts[chunk] + 1 == plan.Cuts[chunk + 1]
                ? $"{plan.Cuts[chunk]}" : $"{plan.Cuts[chunk]}-{plan.Cuts[chunk + 1] - 1}");
            text.Append(CultureInfo.InvariantCulture,
                $"{rank,4}  {Unit.Seconds.Format(plan.RankSeconds[rank]),8}  {(slowest == 0 ? 1 : plan.RankSeconds[rank] / slowest) * 100,10:0.0}%"
                + $"  {ByteSize.Rounded(plan.RankBytes[rank]),12}  {string.Join(", ", layers)}\n");
        }
        text.Append(plan.IsProved ? "no partition has a faster slowest rank\n" : string.Create(CultureInfo.InvariantCulture,
            $"{origin}; no partition has a slowest rank under {Unit.Seconds.Format(plan.LowerBound)}, {(1 - (plan.LowerBound / slowest)) * 100:0.0}% less\n"));
        return text.ToString();
    }

    private static string PlanTitle(PipelinePartition plan)
    {
        var schedule = plan.Request.Schedule;
        var limit = plan.Request.MemoryLimit is { } bytes ? $", at most {ByteSize.Rounded(bytes)} per rank" : "";
        return $"cut for {schedule}{limit}; parameters {plan.Request.ParameterCopies} times";
    }

    private static string Step(PipelinePartition plan)
    {
        var timing = PipelineSimulator.Run(plan.Request.Schedule, new() { Chunks = plan.ChunkCosts() });
        return string.Create(CultureInfo.InvariantCulture, $"a step takes {Unit.Seconds.Format(timing.Seconds)} with links that take no time, bubble {timing.Bubble * 100:0.0}%\n");
    }

    private sealed class PlanCommandOptions : SpecOptions
    {
        [Option("profile", Required = true, MetaValue = "FILE", HelpText = "The measured layers of the model.")]
        public string Profile { get; set; } = "";

        [Option("schedule", MetaValue = "NAME", HelpText = "The schedule that will run: it says what ranks keep (default: 1f1b; with several chunks interleaved).")]
        public string? Schedule { get; set; }

        [Option("cut", MetaValue = "LIST", HelpText = "A cut by hand instead: the first layer of each chunk but the first, as 7,13,19.")]
        public string? Cut { get; set; }

        [Option("memory-limit", MetaValue = "SIZE", HelpText = "What a rank may need in all: parameters in all copies, and activations.")]
        public string? MemoryLimit { get; set; }

        [Option("parameter-copies", Default = 3, MetaValue = "N", HelpText =
            "How many times parameters are held: with gradients and the optimizer's state 3 for SGD with momentum, 4 for Adam.")]
        public int Copies { get; set; }

        [Option("json", MetaValue = "FILE", HelpText = "Write the cut: rank and layers of each chunk.")]
        public string? Json { get; set; }

        /// <summary>The numbers of a cut by hand.</summary>
        public static IEnumerable<int> Cuts(string text) => text.Split(',', StringSplitOptions.TrimEntries).Select(word =>
            int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var layer) ? layer : throw new UsageException($"--cut takes numbers of layers, not '{word}'"));

        public PartitionRequest Request()
        {
            long limit = 0;
            if (MemoryLimit is not null && !(ByteSize.TryParse(MemoryLimit, out limit) && limit > 0))
                throw new UsageException($"--memory-limit must be a size above 0 such as 512M or 2G, not '{MemoryLimit}'");
            if (Copies is < 1 or > 100)
                throw new UsageException($"--parameter-copies must be 1 to 100, not {Copies}");
            var spec = Spec();
            var profile = LayerProfileJson.Load(Profile);
            if (profile.Layers.Length < spec.Chunks)
            {
                var chunks = spec.ChunksPerRank > 1 ? $" with --chunks {spec.ChunksPerRank}" : "";
                throw new UsageException($"--stages {spec.Stages}{chunks} needs at least {spec.Chunks} layers, and the model has {profile.Layers.Length}; take fewer");
            }

            var schedule = Create(Generator(Schedule ?? (spec.ChunksPerRank == 1 ? "1f1b" : "interleaved")), spec);
            return new(profile, schedule) { MemoryLimit = MemoryLimit is null ? null : limit, ParameterCopies = Copies };
        }
    }
}
