using CharTransformer;
using HpcTrain.Data;
using HpcTrain.Kernels;
using HpcTrain.Training.Jobs;
using static TorchSharp.torch.nn;

return TrainingJob.Run<CharTransformerOptions>("char-transformer", args, (job, options) =>
{
    var text = TextData.Open(job, options);
    var model = Models.Transformer(options.Shape(text));
    return new TrainingPlan
    {
        Model = model,
        Loss = (output, target) => functional.cross_entropy(output.flatten(0, 1), target.flatten()),
        Training = text.Training,
        Test = text.Test,
        Input = new FieldTransform("input", ElementType.I64),
        Target = new FieldTransform("target", ElementType.I64),
        SampleNoun = "sequences",
        CountCorrect = null,
        Optimizer = options.MakeOptimizer(),
        LearningRate = options.MakeSchedule(),
        AfterTraining = options.SampleLength == 0 ? null : run => new TextSampler(model, text.Vocabulary, options.Shape(text).Context)
            .Write(run, options.Prompt ?? text.DefaultPrompt, options.SampleLength, options.Temperature, options.Seed),
    };
});
