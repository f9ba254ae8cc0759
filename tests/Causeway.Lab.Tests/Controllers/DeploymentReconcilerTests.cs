using System.Text.Json;
using Causeway.Core.Cluster;
using Causeway.Lab.Controllers;
using Causeway.Lab.Controllers.Deployments;
using Causeway.Lab.Objects;
using CsCheck;
using static Causeway.Lab.Tests.LabObjects;

namespace Causeway.Lab.Tests.Controllers;

public sealed class DeploymentReconcilerTests
{
    [Fact]
    public void A_new_deployment_makes_its_set_and_becomes_available()
    {
        var world = new World(replicas: 3);
        world.Settle();
        var set = Assert.Single(world.Sets);
        Assert.Equal(3, set.Replicas);
        Assert.Equal("1", set.Metadata.Annotation("deployment.kubernetes.io/revision"));
        Assert.Equal(("True", "NewReplicaSetAvailable"), world.Condition("Progressing"));
        Assert.Equal(("True", "MinimumReplicasAvailable"), world.Condition("Available"));
        Assert.Equal(3, world.Deployment.Status!.UpdatedReplicas);
    }

    [Fact]
    public void Going_back_to_an_old_template_raises_the_revision_of_its_set()
    {
        var world = new World(replicas: 2);
        world.Settle();
        world.ChangeTemplate("nginx:2");
        world.Settle();
        world.ChangeTemplate("nginx");
        world.Settle();
        Assert.Equal(2, world.Sets.Count);
        Assert.Equal("3", world.Sets.Single(s => s.Replicas == 2).Metadata.Annotation("deployment.kubernetes.io/revision"));
        Assert.Equal("3", world.Deployment.Metadata.Annotation("deployment.kubernetes.io/revision"));
    }

    [Fact]
    public void Old_sets_beyond_the_history_limit_go()
    {
        var world = new World(replicas: 1, historyLimit: 1);
        foreach (var tag in (string[])["1", "2", "3", "4"])
        {
            world.ChangeTemplate("nginx:" + tag);
            world.Settle();
        }
        Assert.Equal(2, world.Sets.Count);
        Assert.Equal(["0", "1"], world.Sets.Select(s => $"{s.Replicas}").Order());
    }

    [Fact]
    public void Recreate_waits_for_the_old_pods_to_be_gone()
    {
        var world = new World(replicas: 2, strategy: """{"type":"Recreate"}""");
        world.Settle();
        var old = world.Sets.Single();
        world.ChangeTemplate("nginx:2");
        var leftover = Pod("left", owner: old.Metadata.Name, deleting: true);
        world.Pods.Add(leftover);
        world.Settle();
        Assert.All(world.Sets, s => Assert.Equal(0, s.Replicas));
        world.Pods.Remove(leftover);
        world.Settle();
        Assert.Equal(2, world.Sets.Single(s => s.Metadata.Name != old.Metadata.Name).Replicas);
    }

    [Fact]
    public void A_rollout_that_gets_nowhere_passes_its_deadline()
    {
        var world = new World(replicas: 2) { PodsBecomeReady = false };
        world.Settle();
        world.Now += TimeSpan.FromSeconds(601);
        world.Settle();
        Assert.Equal(("False", "ProgressDeadlineExceeded"), world.Condition("Progressing"));
    }

    [Fact]
    public void A_rollout_stays_within_its_bounds_at_every_step() =>
        Gen.Select(Gen.Int[1, 12], Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[0, 12]).Sample((replicas, surge, unavailable, scaled) =>
        {
            var world = new World(replicas, strategy:
                $$$"""{"type":"RollingUpdate","rollingUpdate":{"maxSurge":{{{surge}}},"maxUnavailable":{{{unavailable}}}}}""");
            world.Settle();
            var bounds = RolloutBounds.Of(world.Deployment);
            world.ChangeTemplate("nginx:2");
            for (var steps = 0; world.Step(); steps++)
            {
                Assert.True(steps < 200, "a rollout must end");
                Assert.True(world.Sets.Sum(s => s.Replicas) <= replicas + bounds.Surge);
                Assert.True(world.Sets.Sum(s => s.Status?.AvailableReplicas ?? 0) >= replicas - bounds.Unavailable);
            }
            world.Scale(scaled);
            world.Settle();
            Assert.Equal(scaled, world.Sets.Sum(s => s.Replicas));
        });

    [Theory]
    [InlineData(10, null, null, 3, 2)]
    [InlineData(10, "\"50%\"", "\"0%\"", 5, 0)]
    [InlineData(1, "0", "0", 0, 1)]
    [InlineData(3, "2", "1", 2, 1)]
    public void Percentages_round_apart(int replicas, string? surge, string? unavailable, int up, int down)
    {
        var strategy = new UpdateStrategy("RollingUpdate", new(
            surge is null ? null : JsonElement.Parse(surge), unavailable is null ? null : JsonElement.Parse(unavailable)));
        var deployment = new DeploymentObject { Spec = new() { Replicas = replicas, Strategy = strategy } };
        Assert.Equal(new RolloutBounds(up, down), RolloutBounds.Of(deployment));
    }

    [Fact]
    public void Templates_that_say_the_same_have_one_hash()
    {
        var one = JsonElement.Parse("""{"a":1,"b":{"c":[1,2],"d":null}}""");
        var two = JsonElement.Parse("""{ "b":{"c":[1,2]}, "a":1 }""");
        Assert.Equal(TemplateHash.Of(one), TemplateHash.Of(two));
        Assert.NotEqual(TemplateHash.Of(one), TemplateHash.Of(one, collision: 1));
    }

    /// <summary>A deployment, its sets, and sets whose pods obey at once.</summary>
    private sealed class World
    {
        public World(int replicas, int? historyLimit = null, string? strategy = null) => Deployment = new()
        {
            Metadata = new() { Name = "web", Namespace = "ns", Uid = "uid-web", Generation = 1 },
            Spec = new()
            {
                Replicas = replicas,
                RevisionHistoryLimit = historyLimit,
                Selector = Selector,
                Template = Template(),
                Strategy = strategy is null ? null : JsonSerializer.Deserialize(strategy, ObjectJson.Default.UpdateStrategy),
            },
        };

        public DeploymentObject Deployment { get; private set; }

        public List<ReplicaSetObject> Sets { get; } = [];

        public List<PodObject> Pods { get; } = [];

        public bool PodsBecomeReady { get; init; } = true;

        public DateTimeOffset Now { get; set; } = LabObjects.Now;

        public void ChangeTemplate(string image) => Deployment = Deployment with
        {
            Metadata = Deployment.Metadata with { Generation = Deployment.Metadata.Generation + 1 },
            Spec = Deployment.Spec! with { Template = Template(image) },
        };

        public void Scale(int replicas) => Deployment = Deployment with { Spec = Deployment.Spec! with { Replicas = replicas } };

        public (string Status, string? Reason) Condition(string type) =>
            Deployment.Status!.Conditions!.Where(c => c.Type == type).Select(c => (c.Status, c.Reason)).Single();

        public void Settle()
        {
            for (var steps = 0; Step(); steps++) Assert.True(steps < 200, "it must settle");
        }

        /// <summary>One run and what follows from it; false when nothing was to be done.</summary>
        public bool Step()
        {
            var todo = DeploymentReconciler.Reconcile(Deployment, Sets, Pods, Now);
            foreach (var write in todo.Writes) Apply(write);
            for (var i = 0; i < Sets.Count; i++)
            {
                var available = PodsBecomeReady ? Sets[i].Replicas : 0;
                Sets[i] = Sets[i] with
                {
                    Status = new()
                    {
                        Replicas = Sets[i].Replicas, ReadyReplicas = available, AvailableReplicas = available,
                        ObservedGeneration = Sets[i].Metadata.Generation ?? 0,
                    },
                };
            }
            return todo.Writes.Length > 0;
        }

        private void Apply(ObjectWrite write)
        {
            switch (write)
            {
                case ObjectWrite.Create create:
                    Sets.Add(Created(create.Body, ObjectJson.Default.ReplicaSetObject, create.Name));
                    break;
                case ObjectWrite.Delete delete:
                    Assert.Equal(1, Sets.RemoveAll(s => s.Metadata.Uid == delete.Uid));
                    break;
                case ObjectWrite.Patch { Resource: var resource } patch when resource == ApiResources.Deployments:
                    Deployment = Merge(Deployment, patch, ObjectJson.Default.DeploymentObject);
                    break;
                case ObjectWrite.Patch patch:
                    var index = Sets.FindIndex(s => s.Metadata.Name == patch.Name);
                    Sets[index] = Merge(Sets[index], patch, ObjectJson.Default.ReplicaSetObject);
                    break;
            }
        }

        private static T Merge<T>(
            T item, ObjectWrite.Patch patch, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> json)
        {
            var target = JsonSerializer.SerializeToNode(item, json)!.AsObject();
            Merge(target, patch.Body);
            return target.Deserialize(json)!;
        }

        private static void Merge(System.Text.Json.Nodes.JsonObject target, System.Text.Json.Nodes.JsonObject patch)
        {
            foreach (var (name, value) in patch)
                if (value is System.Text.Json.Nodes.JsonObject inner && target[name] is System.Text.Json.Nodes.JsonObject old)
                    Merge(old, inner);
                else target[name] = value?.DeepClone();
        }
    }
}
