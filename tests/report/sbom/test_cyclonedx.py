"""CycloneDX: valid by the schema, and says of each package where it comes from."""

from __future__ import annotations

import uuid
from pathlib import Path

from tests.analysis.base.archives import BASE_DIGEST, BASE_NAME, DIGEST
from tests.answers.inventories import dpkg
from tests.builders import docker_save, file, image_config, layer, whiteout
from tests.packages.programs import jar
from tests.packages.programs import properties as maven
from tests.report.sbom.boms import LAYERS, OS, bom, named, properties

BUILDPACKS = "io.buildpacks.lifecycle.metadata"


def test_an_image_without_packages_is_valid(fixtures: Path, tmp_path: Path) -> None:
    document = bom(fixtures / "d20-scratch.tar", tmp_path, "cyclonedx")
    assert document["components"] == document["dependencies"] == []
    assert document["compositions"][0]["aggregate"] == "unknown"


def test_the_document_names_the_image(tmp_path: Path) -> None:
    document = bom(LAYERS, tmp_path, "cyclonedx")
    image_id = document["metadata"]["component"]["bom-ref"]
    assert image_id.startswith("sha256:")
    assert document["serialNumber"] == f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'urn:imgtar:sbom:{image_id}')}"
    assert document["metadata"]["timestamp"] == "2024-01-02T03:04:05Z"
    assert document["metadata"]["component"]["name"] == "app:1"
    assert properties(document["metadata"])["platform"] == "linux/amd64"
    system = document["components"][0]
    assert (system["type"], system["name"], system["version"]) == ("operating-system", "debian", "12")


def test_a_component_says_where_it_comes_from(tmp_path: Path) -> None:
    libc = named(bom(LAYERS, tmp_path, "cyclonedx")["components"], "libc6")
    assert libc["version"] == "2.36-9"
    assert libc["purl"] == "pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12"
    assert libc["evidence"] == {"occurrences": [{"location": "/var/lib/dpkg/status"}]}
    said = properties(libc)
    assert (said["type"], said["layer"], said["upgraded_from"]) == ("deb", "1", "2.36")
    assert said["instruction"] == "RUN make layer1"
    assert said["diff_id"].startswith("sha256:")


def test_only_certain_licenses_are_identifiers(tmp_path: Path) -> None:
    components = bom(LAYERS, tmp_path, "cyclonedx")["components"]
    assert named(components, "six")["licenses"] == [{"license": {"id": "MIT", "acknowledgement": "declared"}}]
    first, second = (part["licenses"] for part in components if part["name"] == "x")
    assert first == [{"expression": "(MIT OR Apache-2.0)", "acknowledgement": "declared"}]
    assert second == [{"license": {"name": "as you like", "acknowledgement": "declared"}}]
    assert "licenses" not in named(components, "libc6")


def test_packages_with_one_purl_stay_apart(tmp_path: Path) -> None:
    parts = [part for part in bom(LAYERS, tmp_path, "cyclonedx")["components"] if part["name"] == "x"]
    assert [part["bom-ref"] for part in parts] == ["pkg:npm/x@1", "pkg:npm/x@1#2"]
    assert [part["purl"] for part in parts] == ["pkg:npm/x@1"] * 2


def test_a_package_of_the_system_has_what_it_brought(tmp_path: Path) -> None:
    document = bom(LAYERS, tmp_path, "cyclonedx")
    six = named(document["components"], "six")
    below = {row["ref"]: row["dependsOn"] for row in document["dependencies"]}
    assert below[named(document["components"], "python3-six")["bom-ref"]] == [six["bom-ref"]]
    image = document["metadata"]["component"]["bom-ref"]
    assert six["bom-ref"] not in below[image]
    assert properties(six)["owner"] == "python3-six"


def test_what_is_gone_is_listed_only_if_it_is_asked_for(tmp_path: Path) -> None:
    document = bom(LAYERS, tmp_path, "cyclonedx")
    assert "old" not in [part["name"] for part in document["components"]]
    asked = bom(LAYERS, tmp_path, "cyclonedx", deleted=True)
    old = named(asked["components"], "old")
    assert old["scope"] == "excluded"
    assert (properties(old)["state"], properties(old)["removed_in"]) == ("removed", "1")
    assert old["bom-ref"] not in str(asked["dependencies"])
    assert asked["serialNumber"] != document["serialNumber"]
    assert asked["compositions"][0]["aggregate"] == "unknown"


def test_what_the_list_lacks_is_said(tmp_path: Path) -> None:
    layers = [layer(file("var/lib/rpm/Packages", b"damaged"), file("usr/lib/ruby/a.gemspec", b""))]
    document = bom(layers, tmp_path, "cyclonedx")
    assert document["compositions"][0]["aggregate"] == "incomplete"
    assert properties(document["metadata"])["coverage:rpm"] == "unreadable /var/lib/rpm/Packages"
    lacks = [one["value"] for one in document["metadata"]["properties"] if one["name"] == "imgtar:incomplete"]
    assert lacks[0].startswith("packages of type rpm may be missing")
    assert lacks[1].startswith("packages of type gem are missing")
    assert lacks[2].endswith("(packages.unreadable-database)")


def test_a_choice_makes_another_incomplete_document(tmp_path: Path) -> None:
    whole = bom(LAYERS, tmp_path, "cyclonedx")
    choices = [
        ({"types": ("deb",)}, "not looked for: apk, rpm, python, npm, java, go, rust"),
        ({"layer": 0}, "only packages that layer 0 installs are listed"),
        ({"upto": 0}, "only layers 0 to 0 were read"),
    ]
    serials = {whole["serialNumber"]}
    for choice, words in choices:
        document = bom(LAYERS, tmp_path, "cyclonedx", **choice)
        assert document["compositions"][0]["aggregate"] == "incomplete"
        assert properties(document["metadata"])["incomplete"].endswith(words)
        serials.add(document["serialNumber"])
    assert len(serials) == 4


def test_one_layer_lists_what_it_installs(tmp_path: Path) -> None:
    names = [part["name"] for part in bom(LAYERS, tmp_path, "cyclonedx", layer=1)["components"][1:]]
    assert sorted(names) == ["libc6", "python3-six", "six", "x", "x"]


def test_the_base_image_is_a_component(tmp_path: Path) -> None:
    """The label tells its name, not its layers."""
    execution = {"Labels": {BASE_NAME: "docker.io/library/debian:12", BASE_DIGEST: DIGEST}}
    archive = docker_save(LAYERS, config=image_config(LAYERS, execution=execution))
    document = bom(archive, tmp_path, "cyclonedx")
    base = document["components"][0]
    assert (base["type"], base["name"], base["version"]) == ("container", "debian:12", DIGEST)
    image = document["metadata"]["component"]["bom-ref"]
    below = {row["ref"]: row["dependsOn"] for row in document["dependencies"]}
    assert below[image][:2] == [base["bom-ref"], "operating-system"]
    assert "base_image" not in properties(named(document["components"], "libc6"))


def test_packages_of_known_base_layers_belong_to_the_base(tmp_path: Path) -> None:
    layers = [
        LAYERS[0],
        layer(whiteout("etc/os-release"), file("n/node_modules/y/package.json", b'{"name":"y","version":"2"}')),
    ]
    lowest = image_config(layers)["rootfs"]["diff_ids"][0]
    labels = {BUILDPACKS: f'{{"runImage":{{"topLayer":"{lowest}","image":"debian:12"}}}}'}
    archive = docker_save(layers, config=image_config(layers, execution={"Labels": labels}))
    document = bom(archive, tmp_path, "cyclonedx")
    below = {row["ref"]: row["dependsOn"] for row in document["dependencies"]}
    libc, y = named(document["components"], "libc6"), named(document["components"], "y")
    assert libc["bom-ref"] in below["base-image"]
    assert properties(libc)["base_image"] == "debian:12"
    assert y["bom-ref"] in below[document["metadata"]["component"]["bom-ref"]]


def test_the_group_of_a_java_library_is_apart(tmp_path: Path) -> None:
    archive = [layer(file("app.jar", jar([maven("org.a", "b", "1")])))]
    part = named(bom(archive, tmp_path, "cyclonedx")["components"], "b")
    assert (part["group"], part["purl"]) == ("org.a", "pkg:maven/org.a/b@1")


def test_a_root_filesystem_has_no_id(tmp_path: Path) -> None:
    documents = []
    for version in ("1", "2"):
        (tmp_path / "root.tar").write_bytes(layer(OS, dpkg(f"a={version}")))
        documents.append(bom(tmp_path / "root.tar", tmp_path, "cyclonedx", root_filesystem=True))
    assert documents[0]["metadata"]["component"] == {
        "type": "container", "bom-ref": "image", "name": "root filesystem",
    }  # fmt: skip
    assert documents[0]["serialNumber"] != documents[1]["serialNumber"]


def test_without_the_base_the_document_is_incomplete(tmp_path: Path) -> None:
    document = bom(LAYERS, tmp_path, "cyclonedx", own=True, base=1)
    assert properties(document["metadata"])["incomplete"] == ("packages of the base image are left out: layers below 1")
    assert "libc6" in [part["name"] for part in document["components"]]
